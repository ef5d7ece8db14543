import type { Instant, Token } from '#libs/domain';
import type { LogReader } from '#libs/projection';
import type { ReadModels } from '../read-models.js';

/** The times that lag is measured with. Events are not read: an unreadable one must not hide the lag that it causes. */
export interface LagSource extends Pick<LogReader, 'heads'> {
  readStored(shard: number, after: number, limit: number): Promise<{ recordedAt: Instant }[]>;
}

/** The lag of one shard's projection: the number of events not applied, and the age of the oldest of them. */
export interface ShardLag {
  shard: number;
  checkpoint: number;
  head: number;
  lag: { events: number; seconds: number };
}

/** The lag of read models behind the log, shard by shard. */
export const readLag = async (
  models: Pick<ReadModels, 'checkpoints'>,
  log: LagSource,
  now: number = Date.now(),
): Promise<ShardLag[]> => lagOf(log, await models.checkpoints(), now);

export async function lagOf(log: LagSource, checkpoints: Token, now: number): Promise<ShardLag[]> {
  const heads = await log.heads();
  return Promise.all(
    heads.map(async ({ shard, position: head }): Promise<ShardLag> => {
      const checkpoint = checkpoints.get(shard) ?? 0;
      if (checkpoint >= head) return { shard, checkpoint, head, lag: { events: 0, seconds: 0 } };
      const [oldest] = await log.readStored(shard, checkpoint, 1);
      const seconds = oldest ? Math.max(0, (now - Date.parse(oldest.recordedAt)) / 1000) : 0;
      return { shard, checkpoint, head, lag: { events: head - checkpoint, seconds } };
    }),
  );
}
