import {
  shardOf,
  upcasters as newest,
  type Instant,
  type PlacedEvent,
  type Result,
  type RecordedEvent,
  type Token,
  UnreadableEvent,
  type Upcasters,
} from '#libs/domain';
import { inTransaction, isConflict, LOG_CHANNEL, retryConflicts } from '#libs/platform';
import type pg from 'pg';
import {
  appendEvents,
  prepareEvent,
  type EventToAppend,
  type PreparedEvent,
} from './append/append-events.js';
import { AppendTransaction, duplicatesIn } from './append/append-transaction.js';
import { readHeads, type Head } from './rows/heads.js';
import { rangeOf, type LogRange, type RangeFilter } from './read/log-range.js';
import { mergeAs, type ReadPage } from './read/merged-shards.js';
import { openStore } from './store/open-store.js';
import {
  readableLines,
  readRows,
  readLineChunks,
  readRecords,
  type ReadShardRange,
  type LineChunk,
  type TracedEvent,
} from './read/range-reading.js';
import { existingRecordsOf, type ExistingRecord, type Receipt } from './append/receipt.js';
import { readNextAfter, readSettled } from './read/settling.js';
import { findEvent, readNext, readShard, readStream, type Narrowing } from './read/shard-reading.js';
import {
  recorded,
  requireReadable,
  withEventId,
  type RecordRow,
  type StoredEvent,
} from './rows/stored-event.js';
import { readByStream } from './read/stream-order.js';
import { AppendNotifier } from './append/append-notifier.js';

/** The result of one append; `seconds` run from the request for a connection to the end of the commit. */
export interface AppendReport {
  events: number;
  duplicates: number;
  seconds: number;
}

export interface StoreOptions {
  /** Number of shards: fixed when the store is made, checked when it is opened again. */
  shards: number;
  /** Instead of the database's clock; called under the locks. For tests. */
  clock?: () => Instant;
  upcasters?: Upcasters;
  onAppend?: (report: AppendReport) => void;
  /** Called before each append. @throws where nothing may be recorded now */
  guard?: (() => void) | undefined;
  /** Opens the store also while an archive is being restored into it. */
  restoring?: boolean;
}

export interface ReadAllOptions {
  types?: readonly string[];
  /** Only events recorded at or before it. */
  until?: Instant;
  /** Events read of a shard at once: few where only the first ones are needed. */
  pageSize?: number;
}

/**
 * Called with the first unreadable event of a shard: its reading ends there, and the other shards continue. What was not read is
 * for the caller to say. Where a reading is not given it, it throws the UnreadableEvent.
 */
export type OnUnreadable = (event: UnreadableEvent) => void;

/** The log of events in PostgreSQL: the system of record. Its schema must be up to date (`migrate`). */
export class EventStore {
  private readonly notifier: AppendNotifier;
  /** The position of each shard that this process has written or read: the log is at least there. It only grows. */
  private readonly seen = new Map<number, number>();

  private constructor(
    readonly pool: pg.Pool,
    /** A UUID: the first link of every chain derives from it and the shard. */
    readonly id: string,
    private readonly options: StoreOptions,
  ) {
    this.notifier = new AppendNotifier(() => pool.query(`notify ${LOG_CHANNEL}`));
  }

  /**
   * Opens the store of a database; creates it, if there is none yet.
   * @throws Error if the store has another number of shards
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

  /** The settled part of the log: every event recorded at `at` or earlier is within `heads`. `now` is the database's clock. */
  async settled(): Promise<{ now: Instant; at: Instant; heads: Token }> {
    const { heads, ...settled } = await readSettled(this.pool);
    this.see(heads);
    return { ...settled, heads: new Map(heads.map(({ shard, position }) => [shard, position])) };
  }

  /** By shard: when the event right after the position of a token was recorded. */
  nextAfter(token: Token): Promise<Map<number, Instant>> {
    return readNextAfter(this.pool, token);
  }

  /** Whether the log is known, without a query, to have reached a token. */
  has(token: Token): boolean {
    return [...token].every(([shard, position]) => position <= (this.seen.get(shard) ?? -1));
  }

  private see(heads: Iterable<Readonly<Pick<Head, 'shard' | 'position'>>>): void {
    for (const { shard, position } of heads)
      this.seen.set(shard, Math.max(position, this.seen.get(shard) ?? 0));
  }

  /** The events of a shard after a position, at most `limit`, in order and without gaps. */
  async readShard(shard: number, after: number, limit: number): Promise<RecordedEvent[]> {
    return this.allRecorded(await readNext(this.pool, shard, after, limit));
  }

  /** As `readShard`, but the stored rows: nothing is parsed or upcast. */
  readStored(shard: number, after: number, limit: number, narrowing?: Narrowing): Promise<StoredEvent[]> {
    return readShard(this.pool, shard, after, limit, narrowing);
  }

  /**
   * The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order.
   * @throws UnreadableEvent
   */
  async *readByStream(shard: number, upTo: number, signal?: AbortSignal): AsyncGenerator<PlacedEvent[]> {
    try {
      yield* readByStream(this.pool, shard, upTo, this.upcasters, signal);
    } catch (error) {
      throw await withEventId(this.pool, error);
    }
  }

  /** The events of a stream after a position of its shard, in order. */
  async readStream(stream: string, after: number, limit: number): Promise<RecordedEvent[]> {
    return this.allRecorded(await readStream(this.pool, stream, after, limit));
  }

  /** The event with an id (a UUID); undefined where there is none. @throws UnreadableEvent */
  async find(eventId: string): Promise<RecordedEvent | undefined> {
    const row = await this.findStored(eventId);
    return row && this.recorded(row);
  }

  /** As `find`, but the stored row. */
  findStored(eventId: string): Promise<StoredEvent | undefined> {
    return findEvent(this.pool, eventId);
  }

  /**
   * The whole log after a token, all shards by recordedAt, each in its own order. Ends at the heads as of the first read;
   * memory stays flat. A shard that the token does not name starts at its beginning.
   */
  readAll(
    after: Token = new Map(),
    { types, until, pageSize }: ReadAllOptions = {},
  ): AsyncGenerator<RecordedEvent> {
    const spans = async () => (await this.range({ after, to: until, types })).spans;
    return mergeAs(this.recorded, this.inRange({ types }, readRecords), spans, pageSize, this.unreadable());
  }

  /** The requested part of the log, up to its present heads. */
  async range(wanted: RangeFilter): Promise<LogRange> {
    return rangeOf(this.pool, await this.heads(), wanted, (stream) => this.shardOf(stream));
  }

  /** The rows of a range, all shards by recordedAt, each in its own order; memory stays flat. */
  readRange(range: LogRange, pageSize?: number, onUnreadable?: OnUnreadable): AsyncGenerator<TracedEvent> {
    const read = this.inRange(range, readRows);
    return mergeAs(requireReadable, read, () => range.spans, pageSize, this.unreadable(onUnreadable));
  }

  /** As `readRange`, as events in their newest schema version. */
  readEvents(range: LogRange, pageSize?: number, onUnreadable?: OnUnreadable): AsyncGenerator<RecordedEvent> {
    const read = this.inRange(range, readRecords);
    return mergeAs(this.recorded, read, () => range.spans, pageSize, this.unreadable(onUnreadable));
  }

  /** The same as lines of JSON, as `readAll` gives the events. */
  readLines(range: LogRange, pageSize?: number, onUnreadable?: OnUnreadable): AsyncGenerator<LineChunk> {
    const unreadable = this.unreadable(onUnreadable);
    if (Object.keys(this.upcasters).length === 0)
      return mergeAs(
        readableLines,
        this.inRange(range, readLineChunks),
        () => range.spans,
        pageSize,
        unreadable,
      );
    const line = (row: TracedEvent): LineChunk => {
      const { shard, position, recordedAt } = row;
      return { shard, position, recordedAt, events: 1, lines: `${JSON.stringify(this.recorded(row))}\n` };
    };
    return mergeAs(line, this.inRange(range, readRows), () => range.spans, pageSize, unreadable);
  }

  /** What a merged reading does with an event that it cannot read. */
  private unreadable(onUnreadable?: OnUnreadable): (error: unknown) => Promise<void> {
    return async (error) => {
      const named = await withEventId(this.pool, error);
      if (!onUnreadable || !(named instanceof UnreadableEvent)) throw named;
      onUnreadable(named);
    };
  }

  private inRange<T>({ streams, types }: Omit<LogRange, 'spans'>, read: ReadShardRange<T>): ReadPage<T> {
    const inShard = (shard: number) => streams?.filter((stream) => this.shardOf(stream) === shard);
    return (range, limit) => read(this.pool, range, limit, { streams: inShard(range.shard), types });
  }

  /** The version of the register of places: it changes with each of its events, and never comes again. */
  async registerVersion(): Promise<string> {
    const { rows } = await this.pool.query<{ version: string }>(
      'select claimline.register_version() as version',
    );
    return rows[0]!.version;
  }

  /** The records under ids of statements and retractions (UUIDs in lower case), by id. */
  originals(ids: readonly string[]): Promise<Map<string, ExistingRecord>> {
    return existingRecordsOf(this.pool, ids);
  }

  /**
   * Appends the new ones among the candidates, in one transaction over all their shards.
   * @returns for each, in order, once committed: its receipt, the original's receipt (`duplicate`), or `statement-conflict`
   * @throws if the database fails: nothing may count as recorded, and sending all again records nothing twice
   */
  async append(candidates: readonly EventToAppend[]): Promise<Result<Receipt>[]> {
    if (candidates.length === 0) return [];
    return (await this.appendPrepared(candidates.map((candidate) => prepareEvent(candidate, this.shards))))!;
  }

  /**
   * As `append`, of at least one candidate.
   * @param register the version of the register by which the places of all candidates were found
   * @returns undefined where it has another one: nothing is recorded
   */
  async appendPrepared(
    candidates: readonly PreparedEvent[],
    register?: string,
  ): Promise<Result<Receipt>[] | undefined> {
    this.options.guard?.();
    const started = performance.now();
    const appended = await retryConflicts(() =>
      appendEvents(this.pool, candidates, { clock: this.options.clock?.(), register }),
    );
    if (!appended) return undefined;
    const { answers, events, reached } = appended;
    this.announce(started, events, duplicatesIn(answers), reached);
    return answers;
  }

  /**
   * Takes a decision and appends its events, while nobody else can append to the shards.
   * @param shards those that the decision may append to
   * @param decide reads, appends and writes only through the transaction it is given; it is called again if the database
   * aborts the transaction in favour of another
   */
  async appendDeciding<T>(
    shards: readonly number[],
    decide: (transaction: AppendTransaction) => Promise<T>,
  ): Promise<T> {
    this.options.guard?.();
    const started = performance.now();
    let transaction!: AppendTransaction;
    const result = await inTransaction(
      this.pool,
      async (client) => {
        transaction = await AppendTransaction.begin(client, shards, this.shards, this.options.clock);
        return decide(transaction);
      },
      { begin: null, retryOn: isConflict },
    );
    const { events, duplicates, reached } = transaction;
    this.announce(started, events, duplicates, reached);
    return result;
  }

  private announce(
    started: number,
    events: number,
    duplicates: number,
    reached: Iterable<Pick<Head, 'shard' | 'position'>>,
  ): void {
    this.see(reached);
    this.options.onAppend?.({ events, duplicates, seconds: (performance.now() - started) / 1000 });
    if (events > 0) this.notifier.notify();
  }

  private get upcasters(): Upcasters {
    return this.options.upcasters ?? newest;
  }

  private readonly recorded = (row: RecordRow): RecordedEvent => recorded(row, this.upcasters);

  /** @throws UnreadableEvent */
  private async allRecorded(rows: readonly RecordRow[]): Promise<RecordedEvent[]> {
    try {
      return rows.map(this.recorded);
    } catch (error) {
      throw await withEventId(this.pool, error);
    }
  }
}
