import type { Instant, LocationId, Ruleset, BitemporalPoint } from '#libs/domain';
import { PageCursors, type CursorInvalid, type PageRequest } from '../page.js';
import type { ReadTransaction } from '../read-models.js';

/** The options of a query. */
export interface QueryOptions {
  /** The answer is folded with this ruleset, whichever one the read models are derived with. */
  ruleset?: Ruleset | undefined;
  /** Called with the basis of the answer. Not called where the question cannot be asked again as of a past moment. */
  onBasis?: ((basis: Basis) => void) | undefined;
}

/** What an answer rests on: enough to ask the same question again, later, and to get the same answer. */
export interface Basis {
  /** The version of the ruleset. */
  ruleset: string;
  /** When the last event of it was recorded; null if it rests on no event. */
  recordedAt: Instant | null;
  /** The places that it is about: no event about them may be missing. Absent: all. */
  places?: (() => LocationId[]) | undefined;
  /** The cursor of the same page of the same question with fixed moments. */
  cursorAt?: ((fix: (point: BitemporalPoint) => BitemporalPoint) => string | undefined) | undefined;
}

/**
 * Calls `onBasis` with the basis of a page, unless there is no page.
 * @param question the list's question with fixed moments, to which its cursors belong
 */
export function reportBasis(
  page: object | CursorInvalid | undefined,
  { cursor }: PageRequest,
  onBasis: QueryOptions['onBasis'],
  basis: Basis,
  question: (fix: (point: BitemporalPoint) => BitemporalPoint) => object,
): void {
  if (page && page !== 'cursor-invalid')
    onBasis?.({
      ...basis,
      cursorAt: (fix) => (cursor === undefined ? undefined : PageCursors.moved(cursor, question(fix))),
    });
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

/** All places merged with a place, itself included, and when an event about any of them was last recorded. */
export async function readMembership(
  { db, schema }: Pick<ReadTransaction, 'db' | 'schema'>,
  id: string,
): Promise<Membership | undefined> {
  const { rows } = await db.query<{ recordedAt: Date; members: LocationId[] }>(
    `select f.last_recorded_at as "recordedAt",
       array(select m.id from ${schema}.location m where m.root_id = l.root_id) as members
     from ${schema}.location l join ${schema}.location_state f on f.id = l.root_id where l.id = $1`,
    [id],
  );
  const [row] = rows;
  return row && { recordedAt: row.recordedAt.toISOString(), members: row.members };
}
