import { digestOf } from './etag.js';

/** Which part of a list is wanted: at most `limit` items (1-500), after those that ended with `cursor`. */
export interface PageRequest {
  limit: number;
  cursor?: string;
}

/** A part of a list. `nextCursor` is null at its end. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Where a list is asked to go on from, where that is no place of this list: another one's cursor, or no cursor at all. */
export type CursorInvalid = 'cursor-invalid';

/** The values of the sort columns of the last item that was answered. */
export type Key = readonly (string | number)[];

export type KeyKind = keyof typeof IS;

/**
 * Cursors of one list: they hold the sort key of the last item, and a digest of what was asked, so that a cursor is good
 * for its own list only. Pages are cut by key, not by number: rows that come in meanwhile move nothing.
 */
export class Cursors {
  private readonly list: string;

  /**
   * @param asked everything that makes the list this one: its name, filters and order
   * @param kinds what the sort key is made of
   */
  constructor(
    asked: object,
    private readonly kinds: readonly KeyKind[],
  ) {
    this.list = digestOf(JSON.stringify(asked));
  }

  after(key: Key): string {
    return cursorOf(key, this.list);
  }

  /** The same place in the list that is asked for so: the values of its sort columns are the same. */
  static moved(cursor: string, asked: object): string {
    const { after } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { after: Key };
    return cursorOf(after, digestOf(JSON.stringify(asked)));
  }

  read(cursor: string): Key | CursorInvalid {
    try {
      const { after, list } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as {
        after: unknown;
        list: unknown;
      };
      if (list !== this.list || !Array.isArray(after) || after.length !== this.kinds.length)
        return 'cursor-invalid';
      return this.kinds.every((kind, at) => IS[kind](after[at])) ? (after as Key) : 'cursor-invalid';
    } catch {
      return 'cursor-invalid';
    }
  }

  /** A page out of the rows found, of which there may be one more than were asked for. */
  page<R, T>(rows: readonly R[], limit: number, keyOf: (row: R) => Key, itemOf: (row: R) => T): Page<T> {
    const shown = rows.slice(0, limit);
    return {
      items: shown.map(itemOf),
      nextCursor: rows.length > limit ? this.after(keyOf(shown.at(-1)!)) : null,
    };
  }
}

const cursorOf = (after: Key, list: string): string =>
  Buffer.from(JSON.stringify({ after, list })).toString('base64url');

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const POSITIONS = /^([\da-z]{1,10}(\.[\da-z]{1,10}){0,1023})?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// A forged cursor must not become an error of the database.
const IS = {
  string: (value: unknown) => typeof value === 'string' && !value.includes('\0'),
  number: (value: unknown) => Number.isSafeInteger(value),
  time: (value: unknown) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)),
  positions: (value: unknown) => typeof value === 'string' && POSITIONS.test(value),
  uuid: (value: unknown) => typeof value === 'string' && UUID.test(value),
};
