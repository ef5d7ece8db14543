import {
  shardOf,
  upcasters as newest,
  type Instant,
  type Outcome,
  type RecordedEvent,
  type Token,
  type Upcasters,
} from '#libs/domain';
import type pg from 'pg';
import { AppendTransaction, prepare, type Candidate } from './append-transaction.js';
import { readHeads, type Head } from './heads.js';
import { rangeOf, type LogRange, type Wanted } from './log-range.js';
import { mergeShards, type ReadPage } from './merged-shards.js';
import { openStore } from './opening.js';
import { readRows, readSlices, type ReadSpan, type Slice, type TracedEvent } from './range-reading.js';
import { originalsOf, type Original, type Receipt } from './receipt.js';
import { retrying } from './retrying.js';
import { readNextAfter, readSettled } from './settling.js';
import { findEvent, readShard, readStream, type Narrowing } from './shard-reading.js';
import { recorded, type StoredEvent } from './stored-event.js';
import { readByStream } from './stream-order.js';
import { LOG_CHANNEL, WakeUp } from './wake-up.js';

/** What one append did; `seconds` from asking for a connection to the end of the commit. */
export interface AppendReport {
  events: number;
  duplicates: number;
  seconds: number;
}

export interface StoreOptions {
  /** Number of shards: fixed when the store is made, compared when it is opened again. */
  shards: number;
  /** Instead of the database's clock; called under the locks. For tests. */
  clock?: () => Instant;
  upcasters?: Upcasters;
  onAppend?: (report: AppendReport) => void;
  /** Opens the store also while an archive is being restored into it. */
  restoring?: boolean;
}

export interface ReadAllOptions {
  types?: readonly string[];
  /** Only events recorded at or before it. */
  until?: Instant;
  /** Events that are read of a shard at once: few where only the first ones are wanted. */
  pageSize?: number;
}

/** The log of events in PostgreSQL: the system of record. Its schema must be up to date (`migrate`). */
export class EventStore {
  private readonly wakeUp: WakeUp;
  /** How far the log is at least: where this process has brought it or seen it. It only grows. */
  private readonly seen = new Map<number, number>();

  private constructor(
    readonly pool: pg.Pool,
    /** A UUID: with it and the shard every chain begins. */
    readonly id: string,
    private readonly options: StoreOptions,
  ) {
    this.wakeUp = new WakeUp(() => pool.query(`notify ${LOG_CHANNEL}`));
  }

  /**
   * Opens the store of a database; makes it, if there is none yet.
   * @throws where the store was made with another number of shards
   */
  static async open(pool: pg.Pool, options: StoreOptions): Promise<EventStore> {
    return new EventStore(pool, await openStore(pool, options.shards, options.restoring), options);
  }

  get shards(): number {
    return this.options.shards;
  }

  shardOf(stream: string): number {
    return shardOf(stream, this.shards);
  }

  /** The heads of all shards, by shard. */
  async heads(): Promise<Head[]> {
    const heads = await readHeads(this.pool);
    this.see(heads);
    return heads;
  }

  /** The log as far as it is for good: whatever was recorded at `at` or earlier is within `heads`. `now` is the database's clock. */
  async settled(): Promise<{ now: Instant; at: Instant; heads: Token }> {
    const { heads, ...settled } = await readSettled(this.pool);
    this.see(heads);
    return { ...settled, heads: new Map(heads.map(({ shard, position }) => [shard, position])) };
  }

  /** When the events were recorded that follow right after the positions of a token, by shard. */
  nextAfter(token: Token): Promise<Map<number, Instant>> {
    return readNextAfter(this.pool, token);
  }

  /** Whether the log is known, without a look, to have reached a token. */
  has(token: Token): boolean {
    return [...token].every(([shard, position]) => position <= (this.seen.get(shard) ?? -1));
  }

  private see(heads: Iterable<Readonly<Pick<Head, 'shard' | 'position'>>>): void {
    for (const { shard, position } of heads)
      this.seen.set(shard, Math.max(position, this.seen.get(shard) ?? 0));
  }

  /** The events of a shard after a position, at most `limit`, in order and without gaps. */
  async readShard(shard: number, after: number, limit: number): Promise<RecordedEvent[]> {
    return (await readShard(this.pool, shard, after, limit)).map(this.recorded);
  }

  /** As `readShard`, but the rows as they are stored: nothing is parsed or upcast. */
  readStored(shard: number, after: number, limit: number, narrowing?: Narrowing): Promise<StoredEvent[]> {
    return readShard(this.pool, shard, after, limit, narrowing);
  }

  /** The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order. */
  async *readByStream(shard: number, upTo: number, signal?: AbortSignal): AsyncGenerator<RecordedEvent[]> {
    for await (const rows of readByStream(this.pool, shard, upTo, signal)) yield rows.map(this.recorded);
  }

  /** The events of a stream after a position of its shard, in order. */
  async readStream(stream: string, after: number, limit: number): Promise<RecordedEvent[]> {
    return (await readStream(this.pool, stream, after, limit)).map(this.recorded);
  }

  /** The event with an id (a UUID); undefined where there is none. */
  async find(eventId: string): Promise<RecordedEvent | undefined> {
    const row = await this.findStored(eventId);
    return row && this.recorded(row);
  }

  /** As `find`, but the row as it is stored. */
  findStored(eventId: string): Promise<StoredEvent | undefined> {
    return findEvent(this.pool, eventId);
  }

  /**
   * The whole log after a token, all shards by recordedAt, each in its own order. Ends at the heads of the moment at which
   * it is first asked; memory stays flat. A shard that the token does not name starts at its beginning.
   */
  async *readAll(
    after: Token = new Map(),
    { types, until, pageSize }: ReadAllOptions = {},
  ): AsyncGenerator<RecordedEvent> {
    yield* this.readEvents(await this.range({ after, to: until, types }), pageSize);
  }

  /** The part of the log that is wanted, as far as it is written now. */
  async range(wanted: Wanted): Promise<LogRange> {
    return rangeOf(this.pool, await this.heads(), wanted, (stream) => this.shardOf(stream));
  }

  /** The rows of a range, all shards by recordedAt, each in its own order; memory stays flat. */
  readRange(range: LogRange, pageSize?: number): AsyncGenerator<TracedEvent> {
    return mergeShards(this.inRange(range, readRows), range.spans, pageSize);
  }

  /** The same as events, in their newest form. */
  async *readEvents(range: LogRange, pageSize?: number): AsyncGenerator<RecordedEvent> {
    for await (const row of this.readRange(range, pageSize)) yield this.recorded(row);
  }

  /** The same as lines of JSON, as `readAll` gives the events. */
  async *readLines(range: LogRange, pageSize?: number): AsyncGenerator<Slice> {
    if (Object.keys(this.upcasters).length === 0) {
      yield* mergeShards(this.inRange(range, readSlices), range.spans, pageSize);
      return;
    }
    for await (const row of this.readRange(range, pageSize)) {
      const { shard, position, recordedAt } = row;
      yield { shard, position, recordedAt, events: 1, lines: `${JSON.stringify(this.recorded(row))}\n` };
    }
  }

  private inRange<T>({ streams, types }: LogRange, read: ReadSpan<T>): ReadPage<T> {
    const inShard = (shard: number) => streams?.filter((stream) => this.shardOf(stream) === shard);
    return (span, limit) => read(this.pool, span, limit, { streams: inShard(span.shard), types });
  }

  /** What was recorded under ids of statements and retractions (UUIDs in lower case), by id. */
  originals(ids: readonly string[]): Promise<Map<string, Original>> {
    return originalsOf(this.pool, ids);
  }

  /**
   * Appends what is new among the candidates, in one transaction over whatever shards, and answers for each in order:
   * its receipt, the original's receipt (`duplicate`), or `statement-conflict`. What is answered is committed.
   * @throws where the database fails; then nothing may count as recorded, and sending all again doubles nothing
   */
  async append(candidates: readonly Candidate[]): Promise<Outcome<Receipt>[]> {
    if (candidates.length === 0) return [];
    const prepared = candidates.map((candidate) => prepare(candidate, this.shards));
    return this.appendDeciding(
      prepared.map(({ shard }) => shard),
      (transaction) => transaction.appendPrepared(prepared),
    );
  }

  /**
   * Takes a decision and appends what follows from it, while nobody else can append to the shards.
   * @param shards those that the decision may append to
   * @param decide reads, appends and writes through the transaction it is given, and only through it; it may be called
   * again, where the database breaks the transaction off for the sake of another
   */
  async appendDeciding<T>(
    shards: readonly number[],
    decide: (transaction: AppendTransaction) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const { result, events, duplicates } = await retrying(() => this.transact(shards, decide));
    this.options.onAppend?.({ events, duplicates, seconds: (performance.now() - started) / 1000 });
    if (events > 0) this.wakeUp.ring();
    return result;
  }

  private async transact<T>(
    shards: readonly number[],
    decide: (transaction: AppendTransaction) => Promise<T>,
  ) {
    const client = await this.pool.connect();
    try {
      const transaction = await AppendTransaction.begin(client, shards, this.shards, this.options.clock);
      const result = await decide(transaction);
      await transaction.commit();
      this.see(transaction.moved);
      client.release();
      return { result, events: transaction.events, duplicates: transaction.duplicates };
    } catch (error) {
      // A connection that cannot even roll back is not given back to the pool.
      await client.query('rollback').then(
        () => client.release(),
        (lost: Error) => client.release(lost),
      );
      throw error;
    }
  }

  private get upcasters(): Upcasters {
    return this.options.upcasters ?? newest;
  }

  private readonly recorded = (row: StoredEvent): RecordedEvent => recorded(row, this.upcasters);
}
