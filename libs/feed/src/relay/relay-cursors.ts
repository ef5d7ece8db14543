import type { Db } from '#libs/platform';

/** A topic of a cluster; a new one of the same name has another id (undefined where the brokers have no topic ids). */
export interface RelayedTopic {
  cluster: string;
  topic: string;
  id: string | undefined;
}

/** The last position of each shard that a topic of a cluster has acknowledged. */
export async function readCursors(
  db: Db,
  { cluster, topic }: Pick<RelayedTopic, 'cluster' | 'topic'>,
): Promise<Map<number, number>> {
  const { rows } = await db.query<{ shard: number; position: string }>(
    'select shard, position from claimline.relay_cursors where cluster = $1 and topic = $2',
    [cluster, topic],
  );
  return new Map(rows.map(({ shard, position }) => [shard, Number(position)]));
}

/** The last position of each shard that every cluster has acknowledged in a topic of this name. */
export async function readLeastCursors(db: Db, topic: string): Promise<Map<number, number>> {
  const { rows } = await db.query<{ shard: number; position: string }>(
    'select shard, min(position) as position from claimline.relay_cursors where topic = $1 group by shard',
    [topic],
  );
  return new Map(rows.map(({ shard, position }) => [shard, Number(position)]));
}

/** Deletes the cursors of an earlier topic of the same name. */
export async function forgetOthers(db: Db, { cluster, topic, id }: RelayedTopic): Promise<void> {
  if (id !== undefined)
    await db.query(
      'delete from claimline.relay_cursors where cluster = $1 and topic = $2 and topic_id <> $3',
      [cluster, topic, id],
    );
}

/** The progress of each topic that events were ever sent to, over all shards. */
export async function relayedTo(db: Db): Promise<{ cluster: string; topic: string; events: number }[]> {
  const { rows } = await db.query<{ cluster: string; topic: string; events: string }>(
    'select cluster, topic, sum(position) as events from claimline.relay_cursors group by 1, 2 order by 1, 2',
  );
  return rows.map(({ events, ...row }) => ({ ...row, events: Number(events) }));
}

/** Sets the cursors of shards in this topic. */
export async function moveCursors(
  db: Db,
  { cluster, topic, id }: RelayedTopic,
  reached: ReadonlyMap<number, number>,
): Promise<void> {
  await db.query({
    name: 'move-cursors',
    text: `
      insert into claimline.relay_cursors as c (cluster, topic, topic_id, shard, position)
      select $1, $2, $3, * from unnest($4::smallint[], $5::bigint[])
      on conflict (cluster, topic, shard) do update set position = excluded.position, topic_id = excluded.topic_id`,
    values: [cluster, topic, id ?? null, [...reached.keys()], [...reached.values()]],
  });
}
