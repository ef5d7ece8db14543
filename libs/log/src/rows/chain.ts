import type { ChainedLogPosition } from '#libs/domain';
import { hash } from 'node:crypto';

/** The link before the first event of a shard. Hexadecimal, as all links here. */
export const firstLink = (storeId: string, shard: number): string =>
  hash('sha256', `${storeId}:${shard}`, 'hex');

const LINK_BYTES = 32;

// Reused for each link, because a log has as many links as events. Numbers, times and digests are ASCII, and far shorter.
const linked = Buffer.alloc(LINK_BYTES + 200);

/**
 * The link of an event: a digest of the whole shard up to it, recordedAt and order included.
 * @param previous the link before it
 */
export function linkOf(
  previous: string,
  { shard, position, recordedAt, digest }: Omit<ChainedLogPosition, 'chain'>,
): string {
  linked.write(previous, 'hex');
  const length = linked.write(`${shard}:${position}:${recordedAt}:${digest}`, LINK_BYTES, 'latin1');
  return hash('sha256', linked.subarray(0, LINK_BYTES + length), 'hex');
}

/** How DateStyle SQL writes a date: month or day first. */
const FOREIGN_DATES: [dateStyle: string, date: string][] = [
  ['SQL, MDY', '$2/$3/$1'],
  ['SQL, DMY', '$3/$2/$1'],
];
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)/;

/**
 * The DateStyle in which the time of an event was written when its link was computed; undefined where its link is none of
 * those either. Earlier versions of Claimline read the time as the session wrote it, and linked that.
 * @param previous the link before it
 */
export const foreignDateStyleOf = (
  previous: string,
  { chain, recordedAt, ...placed }: ChainedLogPosition,
): string | undefined =>
  FOREIGN_DATES.find(
    ([, date]) => linkOf(previous, { ...placed, recordedAt: recordedAt.replace(ISO_DATE, date) }) === chain,
  )?.[0];
