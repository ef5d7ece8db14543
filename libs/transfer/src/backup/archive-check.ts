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
import { firstLink, foreignDateStyleOf, linkOf } from '#libs/log';

/** The last event of an archive that was read in a shard. `chain` is hexadecimal. */
export interface ArchivePosition {
  position: number;
  recordedAt: string;
  chain: string;
}

/** Verifies an archive event by event, each against those before it and against its quote and content digest. */
export class ArchiveCheck {
  private readonly reached: ArchivePosition[];

  constructor(storeId: string, shards: number) {
    this.reached = Array.from({ length: shards }, (_, shard) => ({
      position: 0,
      recordedAt: '',
      chain: firstLink(storeId, shard),
    }));
  }

  at(shard: number): ArchivePosition {
    return this.reached[shard]!;
  }

  /** The fault of the next event; undefined if it has none. */
  mismatch(event: ArchivedEvent): string | undefined {
    const { shard, position, recordedAt, digest, chain, body, stream } = event;
    const before = this.reached[shard];
    if (!before) return `is in shard ${shard}, but the store has ${this.reached.length} shards`;
    const at = `event ${shard}:${position}`;
    if (position !== before.position + 1)
      return `${at} is out of order: position ${before.position + 1} of shard ${shard} comes next`;
    if (recordedAt < before.recordedAt) return `${at} is recorded before the event before it`;
    if (sha256(body).toString('hex') !== digest) return `${at} does not have the digest of its body`;
    if (linkOf(before.chain, event) !== chain && !foreignDateStyleOf(before.chain, event))
      return `${at} breaks the chain: its time, place, digest or link was changed`;
    if (shardOf(stream, this.reached.length) !== shard) return `${at} is in a shard that is not its stream’s`;
    const wrong = attachmentMismatch(event, JSON.parse(body) as NewEvent);
    if (wrong) return `${at} ${wrong}`;
    this.reached[shard] = { position, recordedAt, chain };
    return undefined;
  }
}

/** The fault of an event's quote or content digest, as far as it can be verified: an erased quote leaves only digests. */
function attachmentMismatch({ contentDigest, quote }: ArchivedEvent, event: NewEvent): string | undefined {
  try {
    upcast(event);
  } catch (error) {
    return `cannot be read by this version: ${(error as Error).message}`;
  }
  const quoted = quoteDigestOf(event) !== undefined;
  if (quoted && !quote) return 'comes without its quote, and without a record of its erasure';
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
