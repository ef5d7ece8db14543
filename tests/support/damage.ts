import { createPool } from '#libs/platform';

/** An event of the log whose text was cut off in the middle, behind the back of the service. */
export interface Damage {
  shard: number;
  position: number;
  eventId: string;
  /** Puts the text back. */
  mend: () => Promise<void>;
}

/** Cuts off the text of an event, as only somebody with rights on the database can. */
export async function damage(
  databaseUrl: string,
  { shard, position }: { shard: number; position: number },
): Promise<Damage> {
  const set = (body: string) =>
    edit(
      databaseUrl,
      `update claimline.events set body = $1 where shard = $2 and position = $3 returning event_id as "eventId"`,
      [body, shard, position],
    );
  const [row] = await edit(
    databaseUrl,
    'select body, event_id as "eventId" from claimline.events where shard = $1 and position = $2',
    [shard, position],
  );
  const { body, eventId } = row as { body: string; eventId: string };
  await set(body.slice(0, body.length / 2));
  return { shard, position, eventId, mend: async () => void (await set(body)) };
}

async function edit(url: string, sql: string, values: unknown[]): Promise<object[]> {
  const pool = createPool(url, { max: 1 });
  try {
    const client = await pool.connect();
    const triggers = (how: string) =>
      ['changed', 'truncated']
        .map((name) => `alter table claimline.events ${how} trigger events_are_never_${name}`)
        .join(';');
    await client.query(`begin; ${triggers('disable')}`);
    const { rows } = await client.query<object>(sql, values);
    await client.query(`${triggers('enable always')}; commit`);
    client.release();
    return rows;
  } finally {
    await pool.end();
  }
}
