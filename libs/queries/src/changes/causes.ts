import type { BitemporalPoint, Change, LocationId } from '#libs/domain';
import type { ReadTransaction } from '../read-models.js';
import { itemOf, readBeside, type StatementItem } from '../statements/statement-item.js';
import { parsed, TIMELINE_ROW, type RawRow } from '../statements/statement-rows.js';

const SHOWN = [
  'statementId',
  'eventId',
  'stance',
  'claim',
  'speaker',
  'origin',
  'statedAt',
  'statedPrecision',
  'source',
  'retracted',
] as const;

/** What is shown of the statement that caused a change, or whose retraction did: then `retracted` has the id of the event. */
export type Cause = Pick<StatementItem, (typeof SHOWN)[number]>;

type OfPlace = Change & { id: LocationId };

/** Changes with their causes; null where the statement belongs to a place that has been parted from this one since. */
export async function withCauses<T extends OfPlace>(
  tx: ReadTransaction,
  changes: readonly T[],
  point: BitemporalPoint,
): Promise<(T & { statement: Cause | null })[]> {
  const found = await readCauses(tx, changes, STATED_THEN);
  const others = changes.filter(({ eventId }) => !found.has(eventId));
  const rows = new Map([...found, ...(await readCauses(tx, others, RETRACTED_THEN))]);
  const beside = await readBeside(tx, [...rows.values()], point);
  return changes.map((change) => {
    const row = rows.get(change.eventId);
    return {
      ...change,
      statement: row === undefined ? null : causeOf(itemOf(row, tx.ruleset, beside, point)),
    };
  });
}

const STATED_THEN = 't.stated_at = c.at and t.event_id = c.event_id';
const RETRACTED_THEN = 't.remarks is not null and position(c.event_id::text in t.remarks) > 0';

/** The rows of the statements that a condition names, among those about the place of each change. */
async function readCauses({ db, schema }: ReadTransaction, changes: readonly OfPlace[], condition: string) {
  if (changes.length === 0) return new Map<string, ReturnType<typeof parsed>>();
  const { rows } = await db.query<RawRow & { cause: string }>(
    `select c.event_id as cause, t.* from unnest($1::text[], $2::timestamptz[], $3::uuid[]) c (id, at, event_id)
     cross join lateral (
       select ${TIMELINE_ROW} from ${schema}.location p
       join ${schema}.location l on l.root_id = p.root_id
       join ${schema}.timeline t on t.location_id = l.id
       where p.id = c.id and ${condition} limit 1
     ) t`,
    [changes.map(({ id }) => id), changes.map(({ at }) => at), changes.map(({ eventId }) => eventId)],
  );
  return new Map(rows.map((row) => [row.cause, parsed(row)]));
}

const causeOf = (statement: StatementItem): Cause =>
  Object.fromEntries(SHOWN.map((field) => [field, statement[field]])) as Cause;
