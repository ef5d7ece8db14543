import type { Placement } from '#libs/domain';
import { hash } from 'node:crypto';

/** What comes before the first event of a shard. Hexadecimal, as all links here. */
export const firstLink = (storeId: string, shard: number): string =>
  hash('sha256', `${storeId}:${shard}`, 'hex');

const LINK_BYTES = 32;

// Filled anew for each link: a log has as many of them as events. Numbers, times and digests are ASCII, and far shorter.
const linked = Buffer.alloc(LINK_BYTES + 200);

/**
 * The link of an event: it stands for the whole shard up to there, recordedAt and order included.
 * @param previous the link before it
 */
export function linkOf(
  previous: string,
  { shard, position, recordedAt, digest }: Omit<Placement, 'chain'>,
): string {
  linked.write(previous, 'hex');
  const length = linked.write(`${shard}:${position}:${recordedAt}:${digest}`, LINK_BYTES, 'latin1');
  return hash('sha256', linked.subarray(0, LINK_BYTES + length), 'hex');
}
