import { tokenIn, type Instant, type PlacedEvent, type Token } from '#libs/domain';
import { readPresentEpoch } from '#libs/log';
import type { Db } from '#libs/platform';

/** Another generation has taken the place of the one whose checkpoints were locked. */
export class GenerationMoved extends Error {}

/** The log does not have what a feed brings: it has gone back since that was read. */
export class NotInLog extends Error {
  override name = 'NotInLog';
}

/**
 * Locks the checkpoints of shards, in order, so that projectors never deadlock. From then on no other generation can take
 * this one's place.
 * @returns the positions, and the version of the ruleset that the generation is derived with
 * @param last events that the log must have: the last one of each shard
 * @throws GenerationMoved where another one took its place while this waited; NotInLog
 */
export async function holdGeneration(
  db: Db,
  schema: string,
  shards: readonly number[],
  last: readonly Pick<PlacedEvent, 'shard' | 'position' | 'digest'>[] = [],
): Promise<{ checkpoints: Map<number, number>; rulesetVersion: string }> {
  const checkpoints = await lockCheckpoints(db, schema, shards);
  const { rows } = await db.query<{ version: string; moved: boolean; lacking: boolean }>(
    `select ruleset_version as version, not exists (
       select from ${schema}.checkpoint
       where (shard, tableoid::bigint) in (select * from unnest($1::smallint[], $2::bigint[]))
     ) as moved, exists (
       select from unnest($3::smallint[], $4::bigint[], $5::text[]) s (shard, position, digest)
       left join claimline.events e using (shard, position) where e.digest is distinct from decode(s.digest, 'hex')
     ) as lacking
     from ${schema}.generation`,
    [
      [...checkpoints.keys()],
      [...checkpoints.values()].map(({ table }) => table),
      last.map(({ shard }) => shard),
      last.map(({ position }) => position),
      last.map(({ digest }) => digest),
    ],
  );
  if (!rows[0] || rows[0].moved) throw new GenerationMoved(`another generation took the place of ${schema}`);
  if (rows[0].lacking)
    throw new NotInLog('the log does not have these events: it has gone back (docs/operations.md)');
  return {
    checkpoints: new Map([...checkpoints].map(([shard, { position }]) => [shard, position])),
    rulesetVersion: rows[0].version,
  };
}

async function lockCheckpoints(
  db: Db,
  schema: string,
  shards: readonly number[],
): Promise<Map<number, { position: number; table: number }>> {
  const wanted = shards.toSorted((a, b) => a - b);
  const lock = async () => {
    const { rows } = await db.query<CheckpointRow & { table: string | number }>(
      `select shard, position, tableoid::bigint as table from ${schema}.checkpoint where shard = any($1) order by shard for update`,
      [wanted],
    );
    return new Map(
      rows.map(({ shard, position, table }) => [shard, { position: Number(position), table: Number(table) }]),
    );
  };
  const found = await lock();
  if (found.size === wanted.length) return found;
  await db.query(
    `insert into ${schema}.checkpoint (shard, position) select n, 0 from unnest($1::smallint[]) n order by n on conflict do nothing`,
    [wanted],
  );
  return lock();
}

export async function moveCheckpoints(
  db: Db,
  schema: string,
  reached: readonly { shard: number; position: number; recordedAt: Instant }[],
): Promise<void> {
  await db.query(
    `insert into ${schema}.checkpoint as c (shard, position, recorded_at)
     select * from unnest($1::smallint[], $2::bigint[], $3::timestamptz[])
     on conflict (shard) do update set position = excluded.position, recorded_at = excluded.recorded_at`,
    [
      reached.map(({ shard }) => shard),
      reached.map(({ position }) => position),
      reached.map(({ recordedAt }) => recordedAt),
    ],
  );
}

export async function readCheckpoints(db: Db, schema: string): Promise<Map<number, number>> {
  const { rows } = await db.query<CheckpointRow>(`select shard, position from ${schema}.checkpoint`);
  return checkpointToken(rows);
}

/** The shards whose last event in the read models is not the one that the log has there: it has gone back without them. */
export async function readForeignShards(db: Db, schema: string): Promise<number[]> {
  const { rows } = await db.query<{ shard: number }>(
    `select c.shard from ${schema}.checkpoint c left join claimline.events e using (shard, position)
     where c.position > 0 and (e.position is null or e.recorded_at <> c.recorded_at) order by c.shard`,
  );
  return rows.map(({ shard }) => shard);
}

interface CheckpointRow {
  shard: number;
  position: string | number;
}

const checkpointToken = (rows: readonly CheckpointRow[]): Map<number, number> =>
  new Map(rows.map(({ shard, position }) => [shard, Number(position)]));

/** Whether every position of a token has been reached. */
export const reaches = (reached: Token, token: Token): boolean =>
  [...token].every(([shard, position]) => position <= (reached.get(shard) ?? 0));

/**
 * The checkpoints as cursors carry them, short even with a thousand shards: the position of each, from shard 0 on, and the epoch
 * that the log is in, unless it is the first.
 */
export async function packedCheckpoints(db: Db, schema: string): Promise<string> {
  const reached = await readCheckpoints(db, schema);
  const epoch = await readPresentEpoch(db);
  const positions = Array.from({ length: Math.max(-1, ...reached.keys()) + 1 }, (_, shard) =>
    (reached.get(shard) ?? 0).toString(36),
  );
  return positions.join('.') + (epoch === 0 ? '' : `~${epoch.toString(36)}`);
}

/** The token that packed checkpoints stand for. */
export function unpacked(text: string): Token {
  const [positions, epoch] = text.split('~') as [string, string?];
  const numbers = positions === '' ? [] : positions.split('.').map(ofBase36);
  const shards = [...numbers.keys()];
  return tokenIn(
    new Map(numbers.entries()),
    new Map(epoch === undefined ? [] : shards.map((shard) => [shard, ofBase36(epoch)])),
  );
}

const ofBase36 = (text: string): number => Number.parseInt(text, 36);

/**
 * The earliest time of the events that the read models have applied since they were at some positions; undefined if they
 * have applied none. Within a shard times never go back, so it is the time of the first such event of some shard, whatever
 * the clocks or the lag of shards.
 */
export async function readRecordedSince(db: Db, schema: string, reached: Token): Promise<string | undefined> {
  const { rows } = await db.query<{ since: string | null }>(
    // As JSON, because a text depends on the DateStyle of the session.
    `select to_json(min(coalesce(e.recorded_at, '-infinity'))) #>> '{}' as since
     from ${schema}.checkpoint c
     left join unnest($1::smallint[], $2::bigint[]) p (shard, position) on p.shard = c.shard
     left join claimline.events e on e.shard = c.shard and e.position = coalesce(p.position, 0) + 1
     where c.position > coalesce(p.position, 0)`,
    [[...reached.keys()], [...reached.values()]],
  );
  return rows[0]!.since ?? undefined;
}
