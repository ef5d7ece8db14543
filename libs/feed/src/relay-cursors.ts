import type pg from 'pg';

type Db = Pick<pg.ClientBase, 'query'>;

/** The last position of each shard that a topic of a cluster has acknowledged. */
export async function readCursors(db: Db, cluster: string, topic: string): Promise<Map<number, number>> {
  const { rows } = await db.query<{ shard: number; position: string }>('select shard, position from claimline.relay_cursors where cluster = $1 and topic = $2', [cluster, topic]);
  return new Map(rows.map(({ shard, position }) => [shard, Number(position)]));
}

/** How far each topic is that events were ever sent to, over all shards. */
export async function relayedTo(db: Db): Promise<{ cluster: string; topic: string; events: number }[]> {
  const { rows } = await db.query<{ cluster: string; topic: string; events: string }>('select cluster, topic, sum(position) as events from claimline.relay_cursors group by 1, 2 order by 1, 2');
  return rows.map(({ events, ...row }) => ({ ...row, events: Number(events) }));
}

export async function moveCursors(db: Db, cluster: string, topic: string, reached: ReadonlyMap<number, number>): Promise<void> {
  await db.query({
    name: 'move-cursors',
    text: `
      insert into claimline.relay_cursors as c (cluster, topic, shard, position)
      select $1, $2, * from unnest($3::smallint[], $4::bigint[])
      on conflict (cluster, topic, shard) do update set position = excluded.position`,
    values: [cluster, topic, [...reached.keys()], [...reached.values()]],
  });
}
