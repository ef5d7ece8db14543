import { sha256, shardOf, type NewEvent, type Token } from '#libs/domain';
import { firstLink, linkOf } from './chain.js';
import type { EventStore } from './event-store.js';
import type { Head } from './heads.js';
import type { StoredEvent } from './stored-event.js';
import { idsWithoutEvent, shardsBeyondHead } from './verify-queries.js';
import { originalsOf } from './receipt.js';

/** Something in the log that does not fit. Shard and position are null for an id that no event bears out. */
export interface LogFault {
  shard: number | null;
  position: number | null;
  what: string;
}

export interface Verified {
  events: number;
  /** The first of each shard; empty where all is as it was written. */
  faults: LogFault[];
}

export interface VerifyOptions {
  /** Where to start: what lies before is taken to be right. */
  after?: Token;
  /** @param total how many events there are to verify */
  onProgress?: (done: number, total: number) => void;
}

const PAGE = 1000;

/**
 * Walks the log up to its present heads and computes all digests and chains anew; compares positions, columns, heads and
 * the ids of statements. Memory stays flat.
 */
export async function verify(store: EventStore, { after = new Map(), onProgress }: VerifyOptions = {}): Promise<Verified> {
  const heads = await store.heads();
  const from = (shard: number) => after.get(shard) ?? 0;
  const total = heads.reduce((sum, { shard, position }) => sum + Math.max(0, position - from(shard)), 0);
  const faults: LogFault[] = [];
  let events = 0;
  for (const head of heads) {
    const fault = await verifyShard(store, head, from(head.shard), (count) => {
      events += count;
      onProgress?.(events, total);
    });
    if (fault) faults.push({ shard: head.shard, ...fault });
  }
  const broken = new Set(faults.map(({ shard }) => shard));
  for (const { shard, position } of await shardsBeyondHead(store.pool))
    if (!broken.has(shard)) faults.push({ shard, position, what: 'lies beyond the head of its shard' });
  // Looks at all ids there are, so not where only the newest part of the log is asked about.
  for (const id of after.size > 0 ? [] : await idsWithoutEvent(store.pool))
    faults.push({ shard: null, position: null, what: `statement or retraction ${id} is kept as recorded, but has no event` });
  return { events, faults };
}

type ShardFault = Omit<LogFault, 'shard'>;

async function verifyShard(store: EventStore, head: Head, after: number, onPage: (count: number) => void): Promise<ShardFault | undefined> {
  const { shard } = head;
  let previous = { position: after, recordedAt: '', chain: firstLink(store.id, shard) };
  if (after > 0) {
    const [before] = await store.readStored(shard, after - 1, 1, { upTo: after });
    if (!before) return { position: after, what: MISSING };
    previous = { position: after, recordedAt: before.recordedAt, chain: Buffer.from(before.chain, 'hex') };
  }
  const read = (from: number) => (from < head.position ? store.readStored(shard, from, PAGE, { upTo: head.position }) : []);
  let rows = await read(after);
  while (rows.length > 0) {
    // The next page is on its way while this one is worked on.
    const next = Promise.resolve(read(rows.at(-1)!.position));
    next.catch(() => {});
    const events: NewEvent[] = [];
    for (const row of rows) {
      const what = misfit(row, previous, store.shards, events);
      if (what) return { position: what === MISSING ? previous.position + 1 : row.position, what };
      previous = { position: row.position, recordedAt: row.recordedAt, chain: Buffer.from(row.chain, 'hex') };
    }
    const fault = await idsMisfit(store, rows, events);
    if (fault) return fault;
    onPage(rows.length);
    rows = await next;
  }
  if (previous.position < head.position) return { position: previous.position + 1, what: MISSING };
  if (head.position > 0 && (head.chain !== previous.chain.toString('hex') || (after < head.position && head.recordedAt !== previous.recordedAt)))
    return { position: head.position, what: 'is not what the head of the shard says' };
  return undefined;
}

const MISSING = 'is missing';

/** What is wrong with a row, if anything; the parsed event is added to `events`. */
function misfit(row: StoredEvent, previous: { position: number; recordedAt: string; chain: Buffer }, shards: number, events: NewEvent[]): string | undefined {
  if (row.position !== previous.position + 1) return MISSING;
  if (sha256(row.body).toString('hex') !== row.digest) return 'does not have the digest of its body';
  if (row.recordedAt < previous.recordedAt) return 'is recorded before the event before it';
  if (linkOf(previous.chain, row).toString('hex') !== row.chain) return 'breaks the chain: its time, place, digest or link was changed, or an event before it is gone';
  const event = JSON.parse(row.body) as NewEvent;
  for (const column of ['eventId', 'type', 'stream'] as const)
    if (event[column] !== row[column]) return `has a column ${column} that differs from its body`;
  if (shardOf(row.stream, shards) !== row.shard) return 'lies in a shard that is not its stream’s';
  events.push(event);
  return undefined;
}

/** The first event of a page whose statement or retraction is not kept as recorded by it. */
async function idsMisfit(store: EventStore, rows: readonly StoredEvent[], events: readonly NewEvent[]): Promise<ShardFault | undefined> {
  const ids = events.map((event) => (event.type === 'claim.retracted' ? event.data.retractionId : event.type.startsWith('claim.') ? event.statementId : undefined));
  const wanted = ids.filter((id) => id !== undefined);
  const kept = wanted.length === 0 ? new Map<string, { eventId: string }>() : await originalsOf(store.pool, wanted);
  const at = ids.findIndex((id, n) => id !== undefined && kept.get(id)?.eventId !== events[n]!.eventId);
  return at < 0 ? undefined : { position: rows[at]!.position, what: `has an id, ${ids[at]}, that is not kept as recorded by it` };
}
