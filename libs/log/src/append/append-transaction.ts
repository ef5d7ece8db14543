import {
  accept,
  eventText,
  sha256Hex,
  shardOf,
  type Instant,
  type NewEvent,
  type Result,
  type WrittenFields,
} from '#libs/domain';
import type pg from 'pg';
import { linkOf } from '../rows/chain.js';
import { beginWithHeads, type Head } from '../rows/heads.js';
import { additionsQuery, insertIds, type Additions } from './log-inserts.js';
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
  /** The content of the statement that it records, as far as it is written already. */
  written?: WrittenFields;
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
  const { event, written, id, quote, provisional, traceparent } = candidate;
  const body = eventText(event, written);
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

/** A new event, with its place in the log. */
interface PositionedEvent {
  candidate: PreparedEvent;
  row: StoredEvent;
}

/** Candidates at their places in the log, before anything is written. */
interface Placing {
  fresh: PositionedEvent[];
  /** The heads after them. */
  heads: Map<number, Head>;
  /** For each candidate; undefined where its id is known. */
  outcomes: (Result<Receipt> | undefined)[];
}

const NONE: ReadonlySet<string> = new Set();

/** One append: part of a transaction that holds the heads of its shards until it ends. */
export class AppendTransaction {
  events = 0;
  duplicates = 0;
  /** Settled once the heads are locked. */
  readonly locked: Promise<void>;
  private heads: ReadonlyMap<number, Readonly<Head>> = new Map();
  /** The clock, read under the locks. */
  private now!: Instant;

  /**
   * Begins the transaction; `locked` says when it holds the heads.
   * @param client for reading and writing the small tables in the same transaction
   * @param clock instead of the database's clock; called when the heads are locked
   */
  constructor(
    readonly client: pg.ClientBase,
    lock: readonly number[],
    private readonly shards: number,
    clock?: () => Instant,
  ) {
    this.locked = beginWithHeads(client, lock).then(({ heads, now }) => {
      this.heads = new Map(heads.map((head) => [head.shard, head]));
      this.now = clock?.() ?? now;
    });
    // Awaited with the first append; a rejection before then must not end the process.
    this.locked.catch(() => {});
  }

  /** The heads of its shards: as they were, or as it has moved them. */
  get reached(): Iterable<Readonly<Head>> {
    return this.heads.values();
  }

  /**
   * Appends what is new among the candidates; answers for each, in order: its receipt, the original's receipt, or
   * `statement-conflict`.
   * @param given what `prepareEvent` has prepared before the locks is taken as it is
   * @throws RangeError where a candidate's shard is not locked
   */
  async append(given: readonly (EventToAppend | PreparedEvent)[]): Promise<Result<Receipt>[]> {
    const candidates = given.map((one) => ('body' in one ? one : prepareEvent(one, this.shards)));
    // Sent without waiting for the locks, which the database takes first; if it cannot, it refuses this.
    const adding = this.addIds(candidates);
    adding.catch(() => {});
    await this.locked;
    // While the database adds the ids, all count as new, as they nearly always are.
    let placing = this.place(candidates, NONE);
    let write = additionsQuery(additionsOf(placing));
    const known = await adding;
    let originals: ReadonlyMap<string, ExistingRecord> = new Map();
    if (known.size > 0) {
      placing = this.place(candidates, known);
      write = additionsQuery(additionsOf(placing));
      originals = await existingRecordsOf(this.client, [...known]);
    }
    if (placing.fresh.length > 0) await this.client.query(write);
    this.heads = placing.heads;
    this.events += placing.fresh.length;
    const answered = candidates.map(
      ({ id, event }, at) =>
        placing.outcomes[at] ?? answerDuplicate(originals.get(id!.id)!, id!.digest, event.type),
    );
    this.duplicates += answered.filter((outcome) => outcome.ok && outcome.value.duplicate).length;
    return answered;
  }

  /** Gives all further appends one time, even if the clock has gone back: a question by `knownAt` sees all of them, or none. */
  atOneTime(): void {
    for (const { recordedAt } of this.heads.values())
      if (recordedAt !== null && recordedAt > this.now) this.now = recordedAt;
  }

  /** The ids of the candidates that are known: the same id from two writers is new to one of them only. */
  private async addIds(candidates: readonly EventToAppend[]): Promise<ReadonlySet<string>> {
    const rows = new Map<string, { id: string; digest: Buffer; eventId: string }>();
    for (const { id, event } of candidates)
      if (id && !rows.has(id.id)) rows.set(id.id, { id: id.id, digest: id.digest, eventId: event.eventId });
    return rows.size === 0 ? NONE : insertIds(this.client, [...rows.values()]);
  }

  /** Gives each candidate whose id is not known the next place of its shard, and links it. */
  private place(candidates: readonly PreparedEvent[], known: ReadonlySet<string>): Placing {
    const heads = new Map([...this.heads].map(([shard, head]) => [shard, { ...head }]));
    const fresh: PositionedEvent[] = [];
    const placed = new Map<string, PositionedEvent>();
    const outcomes = candidates.map((candidate): Result<Receipt> | undefined => {
      const { id, event } = candidate;
      if (id && known.has(id.id)) return undefined;
      const first = id && placed.get(id.id);
      if (first)
        return first.candidate.id!.digest.equals(id.digest)
          ? accept(receiptOf(first.candidate.event, first.row, true))
          : conflict(id.id, event.type);
      const row = this.next(candidate, heads);
      const positioned = { candidate, row };
      fresh.push(positioned);
      if (id) placed.set(id.id, positioned);
      return accept(receiptOf(event, row, false));
    });
    return { fresh, heads, outcomes };
  }

  /** Moves the head of an event's shard to it. */
  private next({ event, shard, body, digest }: PreparedEvent, heads: ReadonlyMap<number, Head>): StoredEvent {
    const head = heads.get(shard);
    if (!head) throw new RangeError(`shard ${shard} of stream ${event.stream} is not locked by this append`);
    const { eventId, type, stream } = event;
    const recordedAt = head.recordedAt !== null && head.recordedAt > this.now ? head.recordedAt : this.now;
    const position = head.position + 1;
    const chain = linkOf(head.chain, { shard, position, recordedAt, digest });
    head.position = position;
    head.recordedAt = recordedAt;
    head.chain = chain;
    return { shard, position, recordedAt, eventId, type, stream, digest, chain, body };
  }
}

function additionsOf({ fresh, heads }: Placing): Additions {
  const provisional = fresh.flatMap(({ candidate: { provisional, event } }) =>
    provisional ? [event.stream] : [],
  );
  return {
    events: fresh.map(({ row }) => row),
    traceparents: fresh.map(({ candidate }) => candidate.traceparent),
    quotes: fresh.flatMap(({ candidate: { id, quote } }) => (id && quote ? [{ id: id.id, ...quote }] : [])),
    provisional: [...new Set(provisional)],
    heads: [...new Set(fresh.map(({ row }) => row.shard))].map((shard) => heads.get(shard)!),
  };
}
