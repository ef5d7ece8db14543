import {
  bigintArray,
  byteaArray,
  smallintArray,
  textArray,
  timestamptzArray,
  uuidArray,
  type Db,
} from '#libs/platform';
import type { StoredEvent } from '../rows/stored-event.js';

// Writes of a restore, each by itself: one SQL statement, whatever the number of rows. Arrays are bound in binary.

/**
 * Inserts the unknown ids, and returns those that were known. In sorted order, so that writers with the same ids never
 * deadlock; it waits for a transaction that has just inserted one of them.
 */
export async function insertIds(
  db: Db,
  ids: readonly { id: string; digest: Buffer; eventId: string }[],
): Promise<Set<string>> {
  const sorted = ids.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { rows } = await db.query<{ added: string[] | null }>({
    name: 'insert-ids',
    // The ids that were added are sent back only where they are not all of them.
    text: `
      with added as (
        insert into claimline.statement_ids (id, digest, event_id)
        select * from unnest($1::uuid[], $2::bytea[], $3::uuid[])
        on conflict (id) do nothing returning id
      )
      select case when count(*) < cardinality($1) then coalesce(array_agg(id::text), '{}') end as added from added`,
    values: [
      uuidArray(sorted.map(({ id }) => id)),
      byteaArray(sorted.map(({ digest }) => digest)),
      uuidArray(sorted.map(({ eventId }) => eventId)),
    ],
  });
  const { added } = rows[0]!;
  if (added === null) return new Set();
  const left = new Set(added);
  // The same id for the second time is known.
  return new Set(ids.flatMap(({ id }) => (left.delete(id) ? [] : [id])));
}

/** @param traceparents the trace that each came in with */
export async function insertEvents(
  db: Db,
  events: readonly StoredEvent[],
  traceparents: readonly (string | undefined)[],
): Promise<void> {
  await db.query({
    name: 'insert-events',
    text: `
      insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body, traceparent)
      select * from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::bytea[],
                           $8::bytea[], string_to_array($9, E'\\n'), $10::text[])`,
    values: [
      smallintArray(events.map((event) => event.shard)),
      bigintArray(events.map((event) => event.position)),
      timestamptzArray(events.map((event) => event.recordedAt)),
      uuidArray(events.map((event) => event.eventId)),
      textArray(events.map((event) => event.type)),
      textArray(events.map((event) => event.stream)),
      byteaArray(events.map((event) => event.digest)),
      byteaArray(events.map((event) => event.chain)),
      linesOf(events),
      tracesOf(traceparents),
    ],
  });
}

/** Bodies as one text, for `string_to_array`: canonical JSON has no line breaks. */
export const linesOf = (events: readonly { body: string }[]): string =>
  events.map(({ body }) => body).join('\n');

/** Traces as a parameter. None at all is null: unnest fills up with nulls. */
export const tracesOf = (traceparents: readonly (string | undefined)[]): Buffer | null =>
  traceparents.some((trace) => trace !== undefined) ? textArray(traceparents) : null;

/** Adds provisional places that the register does not have yet. */
export async function insertProvisional(db: Db, ids: readonly string[]): Promise<void> {
  await db.query(
    `insert into claimline.places (id, registered, names)
     select id, false, '[]' from unnest($1::text[]) id order by id collate "C" on conflict (id) do nothing`,
    [ids],
  );
}
