import type { Instant, Result } from '#libs/domain';
import type pg from 'pg';
import { beginWithHeads, type Head } from '../rows/heads.js';
import { appendEvents, prepareEvent, type EventToAppend } from './append-events.js';
import type { Receipt } from './receipt.js';

/** A transaction that holds the heads of its shards until it ends, for a decision on what is recorded. */
export class AppendTransaction {
  events = 0;
  duplicates = 0;
  /** In which its events were recorded; undefined before the first. */
  epoch: number | undefined;
  private readonly positions = new Map<number, number>();

  private constructor(
    /** For reading and writing the small tables in the same transaction. */
    readonly client: pg.ClientBase,
    private readonly shards: number,
    private readonly heads: readonly Head[],
    /** The clock, read under the locks. */
    private now: Instant,
  ) {}

  /** Begins a transaction, and waits until it holds the heads of the shards. @param clock instead of the database's clock */
  static async begin(
    client: pg.ClientBase,
    lock: readonly number[],
    shards: number,
    clock?: () => Instant,
  ): Promise<AppendTransaction> {
    const { heads, now } = await beginWithHeads(client, lock);
    return new AppendTransaction(client, shards, heads, clock?.() ?? now);
  }

  /** The positions of its shards when they were locked. */
  get before(): Iterable<Pick<Head, 'shard' | 'position'>> {
    return this.heads;
  }

  /** The positions of the shards to which it has appended. */
  get reached(): Iterable<Pick<Head, 'shard' | 'position'>> {
    return [...this.positions].map(([shard, position]) => ({ shard, position }));
  }

  /**
   * Appends what is new among the candidates; answers for each, in order: its receipt, the original's receipt, or
   * `statement-conflict`.
   * @throws RangeError where a candidate's shard is not locked
   */
  async append(given: readonly EventToAppend[]): Promise<Result<Receipt>[]> {
    const candidates = given.map((one) => prepareEvent(one, this.shards));
    for (const { shard, event } of candidates)
      if (!this.heads.some((head) => head.shard === shard))
        throw new RangeError(`shard ${shard} of stream ${event.stream} is not locked by this append`);
    const { answers, events, reached, epoch } = (await appendEvents(this.client, candidates, {
      clock: this.now,
    }))!;
    for (const { shard, position } of reached) this.positions.set(shard, position);
    this.events += events;
    this.epoch = epoch;
    this.duplicates += duplicatesIn(answers);
    return answers;
  }

  /** Gives all further appends one time, even if the clock has gone back: a question by `knownAt` sees all of them, or none. */
  atOneTime(): void {
    for (const { recordedAt } of this.heads)
      if (recordedAt !== null && recordedAt > this.now) this.now = recordedAt;
  }
}

export const duplicatesIn = (answers: readonly Result<Receipt>[]): number =>
  answers.filter((answer) => answer.ok && answer.value.duplicate).length;
