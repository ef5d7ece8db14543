import { digestOf } from '#libs/projection';

/** The requested part of a list: at most `limit` items (1-500), after the page that gave `cursor`. */
export interface PageRequest {
  limit: number;
  cursor?: string;
}

/** A part of a list. `nextCursor` is null at its end. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The answer to a cursor that this list did not give: another list's, or not a cursor at all. */
export type CursorInvalid = 'cursor-invalid';

/** The values of the sort columns of the last item answered. */
export type Key = readonly (string | number)[];

export type KeyType = keyof typeof IS;

/**
 * Cursors of one list: they hold the sort key of the last item, and a digest of the question, so that a cursor is valid
 * only for its own list. Pages are cut by key, not by number, so that new rows shift nothing.
 */
export class PageCursors {
  private readonly list: string;

  /**
   * @param asked everything that identifies the list: its name, filters and order
   * @param keyTypes the types of the sort key's values
   */
  constructor(
    asked: object,
    private readonly keyTypes: readonly KeyType[],
  ) {
    this.list = digestOf(JSON.stringify(asked));
  }

  after(key: Key): string {
    return cursorOf(key, this.list);
  }

  /** The cursor of the same position in a list with another question, whose sort columns have the same values. */
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
      if (list !== this.list || !Array.isArray(after) || after.length !== this.keyTypes.length)
        return 'cursor-invalid';
      return this.keyTypes.every((type, at) => IS[type](after[at])) ? (after as Key) : 'cursor-invalid';
    } catch {
      return 'cursor-invalid';
    }
  }

  /** A page of the rows found, which may be one more than requested. */
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
const POSITIONS = /^([\da-z]{1,10}(\.[\da-z]{1,10}){0,1023}(~[\da-z]{1,8})?)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// A forged cursor must not become an error of the database.
const IS = {
  string: (value: unknown) => typeof value === 'string' && !value.includes('\0'),
  number: (value: unknown) => Number.isSafeInteger(value),
  time: (value: unknown) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value)),
  positions: (value: unknown) => typeof value === 'string' && POSITIONS.test(value),
  uuid: (value: unknown) => typeof value === 'string' && UUID.test(value),
};
