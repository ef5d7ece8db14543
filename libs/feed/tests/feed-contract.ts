import { afterEach, expect, it } from '@jest/globals';
import type { PlacedEvent, Token } from '#libs/domain';
import type { Feed, Subscriber } from '#libs/feed';

/** A feed over a log of its own, with what the contract needs to move that log. */
export interface FeedUnderTest {
  feed: Feed;
  /** Appends the given numbers of events to the shards named, and announces them as an append does. */
  append: (counts: Record<number, number>) => Promise<void>;
  /** Appends an event of a type that no version knows: `unheard.of`. */
  appendUnreadable: (shard: number) => Promise<void>;
  /** The errors that the feed reported. */
  errors: { error: unknown; shards: readonly number[] }[];
  close: () => Promise<void>;
}

/** Keeps what it got; skips what it had, as every subscriber must. */
export class RecordingSubscriber implements Subscriber {
  readonly events: PlacedEvent[] = [];
  readonly batches: PlacedEvent[][] = [];
  fail: (batch: PlacedEvent[]) => Error | undefined = () => undefined;
  private changed: () => void = () => {};

  constructor(private readonly reached = new Map<number, number>()) {}

  away = false;

  async checkpoints(): Promise<Token> {
    if (this.away) throw new Error('away');
    return new Map(this.reached);
  }

  async handle(batch: PlacedEvent[]): Promise<void> {
    if (this.away) throw new Error('away');
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

  /** As a rebuild does, which puts other tables in place of those that could not take an event. */
  skipTo(shard: number, position: number): void {
    this.reached.set(shard, position);
  }

  async until(count: number): Promise<void> {
    while (this.events.length < count) await new Promise<void>((resolve) => (this.changed = resolve));
  }
}

/** Waits for what only polling shows. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** What every feed has to keep. Its log has the shards 0 to 3 at least. */
export function feedContract(makeFeed: () => Promise<FeedUnderTest>): void {
  const stop = new Set<() => Promise<void>>();
  afterEach(async () => {
    for (const one of stop) await one();
    stop.clear();
  });

  async function running(keeper: RecordingSubscriber, before: Record<number, number> = {}) {
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

  it('delivers everything, in order within each shard, then continues live', async () => {
    const keeper = new RecordingSubscriber();
    const { append, errors } = await running(keeper, { 0: 30, 1: 5, 3: 1 });
    await keeper.until(36);
    for (let round = 1; round <= 3; round++) {
      await append({ 1: 2, 2: 1 });
      await keeper.until(36 + round * 3);
    }
    expect(errors).toEqual([]);
  });

  it('starts after the position of the subscriber', async () => {
    const keeper = new RecordingSubscriber(
      new Map([
        [0, 7],
        [2, 3],
      ]),
    );
    await running(keeper, { 0: 10, 2: 3, 3: 2 });
    await keeper.until(5);
    expect(keeper.events.map(({ shard, position }) => `${shard}:${position}`).sort()).toEqual([
      '0:10',
      '0:8',
      '0:9',
      '3:1',
      '3:2',
    ]);
  });

  it('is quick to deliver what is new', async () => {
    const keeper = new RecordingSubscriber();
    const { append } = await running(keeper, { 0: 1 });
    await keeper.until(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await append({ 1: 1 });
    await keeper.until(2);
    expect(performance.now() - started).toBeLessThan(400);
  });

  it('delivers what is before an event that the subscriber fails on, says which that is, and continues when it can', async () => {
    const keeper = new RecordingSubscriber();
    keeper.fail = (batch) =>
      batch.some(({ position }) => position === 3) ? new Error('not now') : undefined;
    const { feed, errors } = await running(keeper, { 0: 5 });
    await until(() => errors.length > 1);
    expect(keeper.events.map(({ position }) => position)).toEqual([1, 2]);
    expect(feed.stopped()).toEqual([
      { shard: 0, position: 3, eventId: expect.stringMatching(/^[0-9a-f-]{36}$/), reason: 'not now' },
    ]);
    expect(
      errors.every(({ error, shards }) => (error as Error).message === 'not now' && shards[0] === 0),
    ).toBe(true);
    keeper.fail = () => undefined;
    await keeper.until(5);
    await until(() => feed.stopped().length === 0);
  });

  it('notices by itself that a shard was mended elsewhere, though it has no new event', async () => {
    const keeper = new RecordingSubscriber();
    keeper.fail = (batch) =>
      batch.some(({ shard }) => shard === 0) ? new Error('no such table') : undefined;
    const { feed } = await running(keeper, { 0: 3, 1: 2 });
    await until(() => feed.stopped().length === 1);
    // Events that it has are skipped, as every subscriber must.
    keeper.fail = () => undefined;
    keeper.skipTo(0, 3);
    await until(() => feed.stopped().length === 0);
    await keeper.until(2);
    expect(keeper.events.map(({ shard }) => shard)).toEqual([1, 1]);
  });

  it('stops a shard at an event that nobody can read, and no other', async () => {
    const keeper = new RecordingSubscriber();
    const { feed, append, appendUnreadable } = await running(keeper, { 1: 2, 2: 2 });
    await appendUnreadable(1);
    await append({ 1: 2, 2: 2 });
    await keeper.until(6);
    await until(() => feed.stopped().length > 0);
    expect(feed.stopped()).toEqual([
      { shard: 1, position: 3, eventId: expect.any(String), reason: expect.stringContaining('unheard.of') },
    ]);
    expect(keeper.events.filter(({ shard }) => shard === 1)).toHaveLength(2);
  });

  it('blames no event where the subscriber itself is away', async () => {
    const keeper = new RecordingSubscriber();
    keeper.away = true;
    const { feed, errors } = await running(keeper, { 0: 2, 1: 2 });
    await until(() => errors.length > 0);
    expect(feed.stopped().every(({ eventId }) => eventId === undefined)).toBe(true);
    keeper.away = false;
    await keeper.until(4);
    await until(() => feed.stopped().length === 0);
  });

  it('lets one shard that fails hold up no other', async () => {
    const keeper = new RecordingSubscriber();
    keeper.fail = (batch) =>
      batch.some(({ shard }) => shard === 1) ? new Error('shard 1 is broken') : undefined;
    const { append } = await running(keeper, { 0: 3, 1: 3, 2: 3 });
    await keeper.until(6);
    await append({ 0: 1, 1: 1, 3: 1 });
    await keeper.until(8);
    keeper.fail = () => undefined;
    await keeper.until(12);
  });

  it('gives the whole of a long log, however far the shards are apart', async () => {
    const keeper = new RecordingSubscriber();
    await running(keeper, { 0: 8500, 1: 3, 2: 700 });
    await keeper.until(9203);
    expect(Math.max(...keeper.batches.map(({ length }) => length))).toBeLessThanOrEqual(8000);
  });

  it('ends when it is stopped, also while it waits', async () => {
    const keeper = new RecordingSubscriber();
    const { abort, done } = await running(keeper);
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    await done;
  });
}
