import type { Instant, LocationId, Ruleset, Vantage } from '#libs/domain';
import type { Db } from './database.js';
import { Cursors, type CursorInvalid, type PageRequest } from './page.js';

/** How a question is asked, beside what it asks for. */
export interface Asked {
  /** The answer is folded with this one, whatever the read models are derived with. */
  ruleset?: Ruleset | undefined;
  /** Hears what the answer rests on, where the same question can be asked as of a past moment. */
  told?: ((basis: Basis) => void) | undefined;
}

/** The ruleset that an answer is folded with. */
export interface Chosen {
  ruleset: Ruleset;
  /** Its version, where it was asked for. */
  asked: string | undefined;
  /** Whether what the tables hold is derived with it. */
  isOwn: boolean;
}

/** What an answer rests on. */
export interface Basis {
  /** The version of the ruleset. */
  ruleset: string;
  /** When the last of it was recorded: null where it rests on nothing. */
  recordedAt: Instant | null;
  /** The places that it is about, in the midst of which nothing may be missing. Absent: all. */
  places?: (() => LocationId[]) | undefined;
  /** The cursor of the same page of the same question, where its moments are fixed. */
  cursorAt?: ((fix: (vantage: Vantage) => Vantage) => string | undefined) | undefined;
}

/**
 * Tells what a page rests on, once it is found.
 * @param asked what its list is asked by, where its moments are fixed: by that its cursors are known
 */
export function tellOfPage<T extends object>(
  page: T | CursorInvalid | undefined,
  { cursor }: PageRequest,
  told: Asked['told'],
  basis: Basis,
  asked: (fix: (vantage: Vantage) => Vantage) => object,
): T | CursorInvalid | undefined {
  if (page && page !== 'cursor-invalid')
    told?.({
      ...basis,
      cursorAt: (fix) => (cursor === undefined ? undefined : Cursors.moved(cursor, asked(fix))),
    });
  return page;
}

export interface Membership {
  recordedAt: Instant;
  members: LocationId[];
}

export const basisOf = ({ recordedAt, members }: Membership, { version }: Ruleset): Basis => ({
  ruleset: version,
  recordedAt,
  places: () => members,
});

/** The places that belong to the one that a place is or is merged into, and when something about them was last recorded. */
export async function readMembership(db: Db, s: string, id: string): Promise<Membership | undefined> {
  const { rows } = await db.query<{ recordedAt: Date; members: LocationId[] }>(
    `select f.last_recorded_at as "recordedAt", array(select m.id from ${s}.location m where m.root_id = l.root_id) as members
     from ${s}.location l join ${s}.location_state f on f.id = l.root_id where l.id = $1`,
    [id],
  );
  const [row] = rows;
  return row && { recordedAt: row.recordedAt.toISOString(), members: row.members };
}
