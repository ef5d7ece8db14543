import type { Db } from '#libs/platform';
import type { IdOfEvent } from './event-mismatch.js';
import { types } from '#libs/log';

/** The first event of each shard beyond its head, or in a shard without one; one snapshot, so that appends do not interfere. */
export async function shardsBeyondHead(db: Db): Promise<{ shard: number; position: number }[]> {
  const { rows } = await db.query<{ shard: number; position: number }>({
    text: `
      select h.shard, e.position from claimline.heads h
      cross join lateral (
        select position from claimline.events where shard = h.shard and position > h.position order by position limit 1
      ) e`,
    types,
  });
  return rows;
}

/** Ids that are kept as recorded by an event that does not exist; at most ten. */
export async function idsWithoutEvent(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select s.id from claimline.statement_ids s
     where not exists (select from claimline.events e where e.event_id = s.event_id) order by s.id limit 10`,
  );
  return rows.map(({ id }) => id);
}

/** The first of some events whose id is not kept as recorded by it. */
export async function firstIdMismatch(db: Db, ids: readonly IdOfEvent[]): Promise<IdOfEvent | undefined> {
  if (ids.length === 0) return undefined;
  const { rows } = await db.query<{ n: number }>({
    name: 'first-id-misfit',
    // A subquery: for a join the planner might read all ids for each page.
    text: `
      select (w.n - 1)::int as n from unnest($1::uuid[], $2::uuid[]) with ordinality w (id, event_id, n)
      where (select s.event_id from claimline.statement_ids s where s.id = w.id) is distinct from w.event_id order by w.n limit 1`,
    // UUIDs need no quotes.
    values: [`{${ids.map(({ id }) => id).join()}}`, `{${ids.map(({ eventId }) => eventId).join()}}`],
  });
  return rows[0] && ids[rows[0].n];
}
