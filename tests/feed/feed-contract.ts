import { afterEach, expect, it } from '@jest/globals';
import type { RecordedEvent, Token } from '#libs/domain';
import type { Feed, Subscriber } from '#libs/feed';

/** A feed over a log of its own, with what the contract needs to move that log. */
export interface FeedUnderTest {
  feed: Feed;
  /** Appends so many events to each of the shards named, and makes them known as an append does. */
  append: (counts: Record<number, number>) => Promise<void>;
  /** The errors that the feed told of. */
  errors: { error: unknown; shards: readonly number[] }[];
  close: () => Promise<void>;
}

/** Keeps what it got; skips what it had, as every subscriber must. */
class Keeper implements Subscriber {
  readonly events: RecordedEvent[] = [];
  readonly batches: RecordedEvent[][] = [];
  fail: (batch: RecordedEvent[]) => Error | undefined = () => undefined;
  private changed: () => void = () => {};

  constructor(private readonly reached = new Map<number, number>()) {}

  async position(): Promise<Token> {
    return new Map(this.reached);
  }

  async handle(batch: RecordedEvent[]): Promise<void> {
    this.batches.push(batch);
    const error = this.fail(batch);
    if (error) throw error;
    for (const event of batch) {
      const reached = this.reached.get(event.shard) ?? 0;
      if (event.position <= reached) continue;
      expect(event.position).toBe(reached + 1);
      this.reached.set(event.shard, event.position);
      this.events.push(event);
    }
    this.changed();
  }

  async until(count: number): Promise<void> {
    while (this.events.length < count) await new Promise<void>((resolve) => (this.changed = resolve));
  }
}

/** What every feed has to keep. Its log has the shards 0 to 3 at least. */
export function feedContract(makeFeed: () => Promise<FeedUnderTest>): void {
  const stop = new Set<() => Promise<void>>();
  afterEach(async () => {
    for (const one of stop) await one();
    stop.clear();
  });

  async function running(keeper: Keeper, before: Record<number, number> = {}) {
    const one = await makeFeed();
    await one.append(before);
    const abort = new AbortController();
    const done = one.feed.run(keeper, abort.signal);
    stop.add(async () => {
      abort.abort();
      await done;
      await one.close();
    });
    return { ...one, abort, done };
  }

  it('delivers everything, in order within each shard, then goes on live', async () => {
    const keeper = new Keeper();
    const { append, errors } = await running(keeper, { 0: 30, 1: 5, 3: 1 });
    await keeper.until(36);
    for (let round = 1; round <= 3; round++) {
      await append({ 1: 2, 2: 1 });
      await keeper.until(36 + round * 3);
    }
    expect(errors).toEqual([]);
  });

  it('starts after the position of the subscriber', async () => {
    const keeper = new Keeper(new Map([[0, 7], [2, 3]]));
    await running(keeper, { 0: 10, 2: 3, 3: 2 });
    await keeper.until(5);
    expect(keeper.events.map(({ shard, position }) => `${shard}:${position}`).sort()).toEqual(['0:10', '0:8', '0:9', '3:1', '3:2']);
  });

  it('is quick to tell of what is new', async () => {
    const keeper = new Keeper();
    const { append } = await running(keeper, { 0: 1 });
    await keeper.until(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await append({ 1: 1 });
    await keeper.until(2);
    expect(performance.now() - started).toBeLessThan(400);
  });

  it('delivers again what the subscriber failed on, and tells of it', async () => {
    const keeper = new Keeper();
    let failures = 0;
    keeper.fail = () => (failures++ < 2 ? new Error('not now') : undefined);
    const { errors } = await running(keeper, { 0: 3 });
    await keeper.until(3);
    expect(errors.map(({ error }) => (error as Error).message)).toEqual(['not now', 'not now']);
  });

  it('lets one shard that fails hold up no other', async () => {
    const keeper = new Keeper();
    keeper.fail = (batch) => (batch.some(({ shard }) => shard === 1) ? new Error('shard 1 is broken') : undefined);
    const { append } = await running(keeper, { 0: 3, 1: 3, 2: 3 });
    await keeper.until(6);
    await append({ 0: 1, 1: 1, 3: 1 });
    await keeper.until(8);
    keeper.fail = () => undefined;
    await keeper.until(12);
  });

  it('gives the whole of a long log, however far the shards are apart', async () => {
    const keeper = new Keeper();
    await running(keeper, { 0: 4500, 1: 3, 2: 700 });
    await keeper.until(5203);
    expect(Math.max(...keeper.batches.map(({ length }) => length))).toBeLessThanOrEqual(2000);
  });

  it('ends when it is told to, also while it waits', async () => {
    const keeper = new Keeper();
    const { abort, done } = await running(keeper);
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    await done;
  });
}
