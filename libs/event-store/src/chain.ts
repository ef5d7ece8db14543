import { sha256, type Placement } from '#libs/domain';

/** What comes before the first event of a shard. 32 bytes. */
export const firstLink = (storeId: string, shard: number): Buffer => sha256(`${storeId}:${shard}`);

const LINK_BYTES = 32;

// Filled anew for each link: a log has as many of them as events. Numbers, times and digests are ASCII, and far shorter.
const linked = Buffer.alloc(LINK_BYTES + 200);

/**
 * The link of an event: it stands for the whole shard up to there, recordedAt and order included.
 * @param previous the link before it, 32 bytes
 */
export function linkOf(previous: Buffer, { shard, position, recordedAt, digest }: Omit<Placement, 'chain'>): Buffer {
  previous.copy(linked);
  const length = linked.write(`${shard}:${position}:${recordedAt}:${digest}`, LINK_BYTES, 'latin1');
  return sha256(linked.subarray(0, LINK_BYTES + length));
}
