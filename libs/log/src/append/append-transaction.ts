import {
  accept,
  canonicalJson,
  sha256Hex,
  shardOf,
  type Instant,
  type NewEvent,
  type Result,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import type pg from 'pg';
import { linkOf } from '../rows/chain.js';
import { beginWithHeads, moveHeads, type Head } from '../rows/heads.js';
import { insertEvents, insertIds, insertProvisional, insertQuotes } from './log-inserts.js';
import {
  conflict,
  existingRecordsOf,
  receiptOf,
  answerDuplicate,
  type ExistingRecord,
  type Receipt,
} from './receipt.js';
import type { StoredEvent } from '../rows/stored-event.js';

/** An event to append, with the rows that are written beside it if it is new. */
export interface EventToAppend {
  event: NewEvent;
  /** The id of the statement or retraction (a UUID in lower case) with the digest of its content. */
  id?: { id: string; digest: Buffer };
  quote?: { salt: string; quote: string };
  /** The event's stream is a provisional place: the register records it as one. */
  provisional?: boolean;
  /** The trace that it came in with (W3C Trace Context): published with the event, but not part of it. */
  traceparent?: string | undefined;
}

/** A candidate with everything that can be computed before the locks. */
export interface PreparedEvent extends EventToAppend {
  shard: number;
  /** The stored text, and its digest in hexadecimal. */
  body: string;
  digest: string;
}

export function prepareEvent(candidate: EventToAppend, shards: number): PreparedEvent {
  const { event, id, quote, provisional, traceparent } = candidate;
  const body = canonicalJson(event);
  return {
    event,
    id,
    quote,
    provisional,
    traceparent,
    shard: shardOf(event.stream, shards),
    body,
    digest: sha256Hex(body),
  };
}

/** The new events, with their places in the log. */
interface PositionedEvent extends PreparedEvent {
  row: StoredEvent;
}

/** One append: part of a transaction that holds the heads of its shards until it ends. */
export class AppendTransaction {
  events = 0;
  duplicates = 0;
  /** The heads that it has moved, at their new positions. */
  readonly moved = new Set<Readonly<Head>>();

  private constructor(
    /** For reading and writing the small tables in the same transaction. */
    readonly client: Db,
    private readonly heads: ReadonlyMap<number, Head>,
    /** The clock, read under the locks. */
    private now: Instant,
    private readonly shards: number,
  ) {}

  /** Begins the transaction. @param clock instead of the database's clock; called when the heads are locked */
  static async begin(
    client: pg.ClientBase,
    locked: readonly number[],
    shards: number,
    clock?: () => Instant,
  ): Promise<AppendTransaction> {
    const { heads, now } = await beginWithHeads(client, locked);
    return new AppendTransaction(
      client,
      new Map(heads.map((head) => [head.shard, head])),
      clock?.() ?? now,
      shards,
    );
  }

  /**
   * Appends what is new among the candidates; answers for each, in order: its receipt, the original's receipt, or
   * `statement-conflict`.
   * @param given what `prepareEvent` has prepared before the locks is taken as it is
   * @throws RangeError where a candidate's shard is not locked
   */
  async append(given: readonly (EventToAppend | PreparedEvent)[]): Promise<Result<Receipt>[]> {
    const candidates = given.map((one) => ('body' in one ? one : prepareEvent(one, this.shards)));
    const added = await this.addIds(candidates);
    const fresh: PositionedEvent[] = [];
    const placed = new Map<string, PositionedEvent>();
    const outcomes = candidates.map((candidate): Result<Receipt> | undefined => {
      const { id } = candidate;
      if (id && !added.has(id.id)) return undefined;
      const first = id && placed.get(id.id);
      if (first)
        return first.id!.digest.equals(id.digest)
          ? accept(receiptOf(first.event, first.row, true))
          : conflict(id.id, candidate.event.type);
      const next = this.place(candidate);
      fresh.push(next);
      if (id) placed.set(id.id, next);
      return accept(receiptOf(next.event, next.row, false));
    });
    const known = candidates.flatMap(({ id }) => (id && !added.has(id.id) ? [id.id] : []));
    const originals =
      known.length === 0 ? new Map<string, ExistingRecord>() : await existingRecordsOf(this.client, known);
    if (fresh.length > 0) {
      this.events += fresh.length;
      await insertEvents(
        this.client,
        fresh.map(({ row, traceparent }) => ({ ...row, traceparent })),
      );
      const quotes = fresh.flatMap(({ id, quote }) => (id && quote ? [{ id: id.id, ...quote }] : []));
      if (quotes.length > 0) await insertQuotes(this.client, quotes);
      const provisional = fresh.flatMap(({ provisional, event }) => (provisional ? [event.stream] : []));
      if (provisional.length > 0) await insertProvisional(this.client, [...new Set(provisional)]);
    }
    const answered = candidates.map(
      ({ id, event }, at) => outcomes[at] ?? answerDuplicate(originals.get(id!.id)!, id!.digest, event.type),
    );
    this.duplicates += answered.filter((outcome) => outcome.ok && outcome.value.duplicate).length;
    return answered;
  }

  /** Gives all further appends one time, even if the clock has gone back: a question by `knownAt` sees all of them, or none. */
  atOneTime(): void {
    for (const { recordedAt } of this.heads.values())
      if (recordedAt !== null && recordedAt > this.now) this.now = recordedAt;
  }

  /** To be called at the end, before the commit. */
  async moveHeads(): Promise<void> {
    if (this.moved.size > 0) await moveHeads(this.client, [...this.moved]);
  }

  /** The ids of the candidates that are new: the same id from two writers is new to one of them only. */
  private async addIds(candidates: readonly EventToAppend[]): Promise<Set<string>> {
    const rows = new Map<string, { id: string; digest: Buffer; eventId: string }>();
    for (const { id, event } of candidates)
      if (id && !rows.has(id.id)) rows.set(id.id, { id: id.id, digest: id.digest, eventId: event.eventId });
    return rows.size === 0 ? new Set() : insertIds(this.client, [...rows.values()]);
  }

  /** Gives an event the next place of its shard, and links it. */
  private place(candidate: PreparedEvent): PositionedEvent {
    const { event, shard, body, digest } = candidate;
    const head = this.heads.get(shard);
    if (!head) throw new RangeError(`shard ${shard} of stream ${event.stream} is not locked by this append`);
    const recordedAt = head.recordedAt !== null && head.recordedAt > this.now ? head.recordedAt : this.now;
    const position = head.position + 1;
    const chain = linkOf(head.chain, { shard, position, recordedAt, digest });
    Object.assign(head, { position, recordedAt, chain });
    this.moved.add(head);
    const { eventId, type, stream } = event;
    return { ...candidate, row: { shard, position, recordedAt, eventId, type, stream, digest, chain, body } };
  }
}
