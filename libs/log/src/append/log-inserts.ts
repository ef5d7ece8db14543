import type { StoredEvent } from '../rows/stored-event.js';
import type { Db } from '#libs/platform';

// The writes of an append: one SQL statement for each table, whatever the number of rows.

/**
 * Inserts the unknown ids, and returns them. In sorted order, so that writers with the same ids never deadlock; it waits
 * for a transaction that has just inserted one of them.
 */
export async function insertIds(
  db: Db,
  ids: readonly { id: string; digest: Buffer; eventId: string }[],
): Promise<Set<string>> {
  const sorted = ids.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { rows } = await db.query<{ id: string }>({
    name: 'insert-ids',
    text: `
      insert into claimline.statement_ids (id, digest, event_id)
      select * from unnest($1::uuid[], $2::bytea[], $3::uuid[])
      on conflict (id) do nothing returning id`,
    values: [
      sorted.map(({ id }) => id),
      sorted.map(({ digest }) => digest),
      sorted.map(({ eventId }) => eventId),
    ],
  });
  return new Set(rows.map(({ id }) => id));
}

export async function insertEvents(
  db: Db,
  events: readonly (StoredEvent & { traceparent?: string | undefined })[],
): Promise<void> {
  await db.query({
    name: 'insert-events',
    text: `
      insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body, traceparent)
      select n.shard, n.position, n.recorded_at, n.event_id, n.type, n.stream,
             decode(n.digest, 'hex'), decode(n.chain, 'hex'), n.body, n.traceparent
      from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                  string_to_array($9, E'\\n'), $10::text[])
        n (shard, position, recorded_at, event_id, type, stream, digest, chain, body, traceparent)`,
    values: [
      events.map((event) => event.shard),
      events.map((event) => event.position),
      events.map((event) => event.recordedAt),
      events.map((event) => event.eventId),
      events.map((event) => event.type),
      events.map((event) => event.stream),
      events.map((event) => event.digest),
      events.map((event) => event.chain),
      // Canonical JSON has no line breaks, so this text needs no quoting on either side; an array literal would.
      events.map((event) => event.body).join('\n'),
      events.map((event) => event.traceparent),
    ],
  });
}

export async function insertQuotes(
  db: Db,
  quotes: readonly { id: string; salt: string; quote: string }[],
): Promise<void> {
  await db.query({
    name: 'insert-quotes',
    text: 'insert into claimline.quotes (id, salt, quote) select * from unnest($1::uuid[], $2::text[], $3::text[])',
    values: [quotes.map(({ id }) => id), quotes.map(({ salt }) => salt), quotes.map(({ quote }) => quote)],
  });
}

/** Adds provisional places that the register does not have yet. */
export async function insertProvisional(db: Db, ids: readonly string[]): Promise<void> {
  await db.query({
    name: 'insert-provisional',
    text: `
      insert into claimline.places (id, registered, names)
      select id, false, '[]' from unnest($1::text[]) id order by id collate "C" on conflict (id) do nothing`,
    values: [ids],
  });
}
