import { TILE_WIDTH, type Token } from '#libs/domain';
import type pg from 'pg';
import { firstLink, type EventStore } from '#libs/log';
import { MISSING, ShardVerifier, type ChainLink, type ShardFault } from './shard-verifier.js';

/** A fault in the log. Shard and position are null for an id without an event. */
export interface LogFault {
  shard: number | null;
  position: number | null;
  /** Where the event is there. */
  eventId?: string;
  what: string;
}

export interface LogVerification {
  events: number;
  /** The first fault of each shard; empty where the log is as it was written. */
  faults: LogFault[];
}

export interface VerificationOptions {
  /**
   * @param total the number of events to verify
   * @param reached a token to resume after: all events up to it are verified
   */
  onProgress?: (done: number, total: number, reached: Token) => void;
  /** Ends the verification, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/** The part of a shard to verify. */
export interface ShardPart {
  shard: number;
  after: number;
  upTo: number;
  /** The number of its tiles that must be there. */
  tiles: number;
}

/**
 * Verifies parts of shards, all in parallel in the order of time: events that were recorded together are stored together.
 * Memory stays flat.
 * @param faultOf checks a part in which the verifier found no fault
 */
export async function verifyShards(
  store: EventStore,
  parts: readonly ShardPart[],
  { onProgress, signal }: VerificationOptions,
  faultOf: (part: ShardPart, verifier: ShardVerifier) => Promise<ShardFault | undefined>,
): Promise<LogVerification> {
  const total = parts.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);
  const reached = new Map(parts.map(({ shard, after }) => [shard, after]));
  const faults: LogFault[] = [];
  let events = 0;
  const verifiers = new Map<ShardVerifier, ShardPart>();
  for (const part of parts) {
    const from = await startOf(store, part);
    if (from) verifiers.set(new ShardVerifier(store.pool, { ...part, shards: store.shards, from }), part);
    else faults.push({ shard: part.shard, position: Math.min(part.upTo + 1, part.after), what: MISSING });
  }
  for await (const verifier of verifyAll(store.pool, [...verifiers.keys()])) {
    signal?.throwIfAborted();
    const { shard } = verifiers.get(verifier)!;
    const before = reached.get(shard)!;
    if (verifier.last.position <= before) continue;
    reached.set(shard, verifier.last.position);
    events += verifier.last.position - before;
    onProgress?.(events, total, reached);
  }
  for (const [verifier, part] of verifiers) {
    const fault = verifier.fault ?? (await faultOf(part, verifier));
    if (fault) faults.push({ shard: part.shard, ...fault });
  }
  return { events, faults: faults.toSorted((a, b) => a.shard! - b.shard!) };
}

/**
 * Advances the verifiers page by page, always the one that is furthest behind, and yields it after each page. While a page
 * is verified, the next one is being read, and the database looks up the ids of the one before.
 */
async function* verifyAll(pool: pg.Pool, verifiers: readonly ShardVerifier[]): AsyncGenerator<ShardVerifier> {
  const client = await pool.connect();
  const readNext = () => {
    const next = verifiers.reduce<ShardVerifier | undefined>(
      (first, verifier) => (verifier.open && !(first && first.time <= verifier.time) ? verifier : first),
      undefined,
    );
    return next && { verifier: next, page: awaited(next.read(client)) };
  };
  let coming = readNext();
  let taken: { verifier: ShardVerifier; reported: Promise<void> } | undefined;
  try {
    while (coming) {
      const { verifier } = coming;
      const page = await coming.page;
      coming = readNext();
      const reported = awaited(verifier.take(page));
      if (taken) {
        await taken.reported;
        yield taken.verifier;
      }
      taken = { verifier, reported };
    }
    if (taken) {
      await taken.reported;
      yield taken.verifier;
    }
  } finally {
    await coming?.page.catch(() => {});
    client.release();
  }
}

/** A promise that is awaited later; a rejection before then must not end the process. */
function awaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The link before the tile of the next event, so that the whole tile is verified. Undefined where the events are gone. */
async function startOf(store: EventStore, { shard, after, upTo }: ShardPart): Promise<ChainLink | undefined> {
  const position = after - (after % TILE_WIDTH);
  if (upTo < after) return undefined;
  if (position === 0) return { position, recordedAt: '', chain: firstLink(store.id, shard) };
  const [before] = await store.readStored(shard, position - 1, 1, { upTo: position });
  return before && { position, recordedAt: before.recordedAt, chain: before.chain };
}
