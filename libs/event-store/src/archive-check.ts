import {
  contentDigestOf,
  contentIdOf,
  isQuoteOf,
  quoteDigestOf,
  sha256,
  shardOf,
  upcast,
  type NewEvent,
} from '#libs/domain';
import type { ArchivedEvent } from './archive.js';
import { firstLink, linkOf } from './chain.js';

/** Where an archive is in a shard. `chain` is hexadecimal. */
export interface Reached {
  position: number;
  recordedAt: string;
  chain: string;
}

/** Walks an archive event by event, and says of each whether it fits those before it and what lies beside it. */
export class ArchiveCheck {
  private readonly reached: Reached[];

  constructor(storeId: string, shards: number) {
    this.reached = Array.from({ length: shards }, (_, shard) => ({
      position: 0,
      recordedAt: '',
      chain: firstLink(storeId, shard),
    }));
  }

  at(shard: number): Reached {
    return this.reached[shard]!;
  }

  /** What is wrong with the next event, if anything. */
  misfit(event: ArchivedEvent): string | undefined {
    const { shard, position, recordedAt, digest, chain, body, stream } = event;
    const before = this.reached[shard];
    if (!before) return `lies in shard ${shard}, but the store has ${this.reached.length} shards`;
    const at = `event ${shard}:${position}`;
    if (position !== before.position + 1)
      return `${at} is out of order: of shard ${shard} position ${before.position + 1} comes next`;
    if (recordedAt < before.recordedAt) return `${at} is recorded before the event before it`;
    if (sha256(body).toString('hex') !== digest) return `${at} does not have the digest of what it says`;
    if (linkOf(before.chain, event) !== chain)
      return `${at} breaks the chain: its time, place, digest or link was changed`;
    if (shardOf(stream, this.reached.length) !== shard)
      return `${at} lies in a shard that is not its stream’s`;
    const wrong = besideMisfit(event, JSON.parse(body) as NewEvent);
    if (wrong) return `${at} ${wrong}`;
    this.reached[shard] = { position, recordedAt, chain };
    return undefined;
  }
}

/** Whether what lies beside an event is of it, as far as that can be said: an erased quote leaves only digests. */
function besideMisfit({ contentDigest, quote }: ArchivedEvent, event: NewEvent): string | undefined {
  try {
    upcast(event);
  } catch (error) {
    return `cannot be read by this version: ${(error as Error).message}`;
  }
  const quoted = quoteDigestOf(event) !== undefined;
  if (quoted && !quote) return 'comes without its quote, and without word of an erasure';
  if (!quoted && quote) return 'comes with a quote that it does not name';
  if (quote && 'quote' in quote && !isQuoteOf(event, quote)) return 'comes with a quote that is not its own';
  if ((contentIdOf(event) !== undefined) !== (contentDigest !== null))
    return contentDigest === null
      ? 'comes without the digest of its content'
      : 'comes with a digest of content that it does not have';
  const made =
    contentDigest !== null && !(quote && 'erasedAt' in quote)
      ? contentDigestOf(event, quote?.quote).toString('hex')
      : contentDigest;
  return made === contentDigest ? undefined : 'comes with the digest of other content';
}
