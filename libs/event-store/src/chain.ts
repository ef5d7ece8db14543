import { sha256, type Placement } from '#libs/domain';
import { createHash } from 'node:crypto';

/** What comes before the first event of a shard. 32 bytes. */
export const firstLink = (storeId: string, shard: number): Buffer => sha256(`${storeId}:${shard}`);

/**
 * The link of an event: it stands for the whole shard up to there, recordedAt and order included.
 * @param previous the link before it, 32 bytes
 */
export const linkOf = (previous: Buffer, { shard, position, recordedAt, digest }: Omit<Placement, 'chain'>): Buffer =>
  createHash('sha256').update(previous).update(`${shard}:${position}:${recordedAt}:${digest}`).digest();
