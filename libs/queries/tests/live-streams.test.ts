import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import {
  Epochs,
  formatToken,
  isClaim,
  isRegister,
  parseToken,
  placesOf,
  UnreadableEvent,
  type LocationId,
  type LocationState,
  type PlacedEvent,
  type RecordedEvent,
  type Token,
} from '#libs/domain';
import { createPool } from '#libs/platform';
import {
  LiveStreams,
  matches,
  ProjectionWaiter,
  type LiveMessage,
  type LivePiece,
  type LiveStreamSources,
  type LocationFilter,
} from '#libs/queries';
import type { LiveStreamLimits } from '../src/changes/live-streams.js';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { ModelQueries } from '../../../tests/support/model-queries.js';
import { Random } from '../../../tests/support/random.js';
import { ruleset, seedLog, type TestLog } from '../../../tests/support/test-log.js';

let pool: pg.Pool;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, url, close } = await openDatabase());
});
afterAll(() => close());

const FILTERS: LocationFilter[] = [
  {},
  { status: ['contested'] },
  { status: ['claimed', 'unclaimed'] },
  { side: 'ukraine' },
  { flag: 'fighting' },
  { q: 'kup' },
  { bbox: [-90, -45, 90, 45] },
];
const IDLE_MS = 5;
const LIMITS = { messages: 1000, length: 1_000_000, distance: 100 };

/** A random log that is projected step by step, and live streams on it. Queries of the streams are counted. */
class Stage {
  queries = 0;
  /** What the streams get instead of an answer of the database. */
  fault: Error | undefined;
  /** Events whose text is damaged, as shard:position. */
  readonly damaged = new Set<string>();
  readonly errors: unknown[] = [];
  readonly steps: RecordedEvent[][] = [];
  private readonly listeners: Listener[] = [];
  private readonly ended = new AbortController();

  static async of(seed: number, limits: LiveStreamLimits = LIMITS): Promise<Stage> {
    const log = seedLog(seed, 100);
    const schema = `live_${(serial += 1)}`;
    const { generation, projector } = await newGeneration(pool, log, schema);
    const own = createPool(url, { max: 10 });
    const models = new ModelQueries(own, generation);
    const waiter = new ProjectionWaiter(own, generation, { pollMs: 20 });
    const stage = new Stage(log, own, models, waiter, (events) => projector.handle(events), limits);
    return stage;
  }

  readonly live: LiveStreams;

  private constructor(
    readonly log: TestLog,
    private readonly own: pg.Pool,
    readonly models: ModelQueries,
    private readonly waiter: ProjectionWaiter,
    private readonly project: (events: RecordedEvent[]) => Promise<void>,
    limits: LiveStreamLimits,
  ) {
    own.on('connect', (client) => {
      const query = client.query.bind(client) as (...asked: unknown[]) => unknown;
      client.query = ((...asked: unknown[]) => {
        this.queries += 1;
        return query(...asked);
      }) as typeof client.query;
    });
    const stage = () => this;
    const present = <T>(answer: () => Promise<T>): Promise<T> =>
      this.fault ? Promise.reject(this.fault) : answer();
    const sources: LiveStreamSources = {
      log: {
        shards: log.shards,
        epochs: new Epochs(),
        presentEpochs: () => present(async () => new Epochs()),
        readShard: (...asked) => present(() => log.readShard(...asked)),
        readEvents: async function* (
          { spans }: Spans,
          _size?: number,
          onUnreadable?: (event: UnreadableEvent) => void,
        ) {
          await present(async () => {});
          const readable = spans.flatMap(({ shard, after, upTo }) => {
            const events = structuredClone(log.of(shard).slice(after, upTo));
            const end = events.findIndex((event) => stage().damaged.has(`${shard}:${event.position}`));
            if (end < 0) return events;
            onUnreadable?.(new UnreadableEvent(events[end]!, events[end]!.eventId, new Error('cut off')));
            return events.slice(0, end);
          });
          yield* inOrder(readable);
        },
      },
      queries: { execute: (query) => present(() => models.execute(query)) },
      models: {
        checkpoints: () => present(() => models.checkpoints()),
        ruleset: () => present(() => models.ruleset()),
      },
      waiter,
    };
    this.live = new LiveStreams(sources, (error) => this.errors.push(error), limits);
    const random = new Random(log.events.length);
    // What was recorded at one time is projected together: a state is known as it was a millisecond before, or after.
    for (const event of log.events)
      if (this.steps.at(-1)?.at(-1)?.recordedAt === event.recordedAt || random.chance(0.8))
        (this.steps.at(-1) ?? this.steps[this.steps.push([]) - 1]!).push(event);
      else this.steps.push([event]);
  }

  listen(filter: LocationFilter, from: Token, resumed = false, rest = async () => {}): Listener {
    const { signal } = this.ended;
    const listener = new Listener(
      this.live.open(from, filter, { signal, idle: IDLE_MS, resumed }),
      filter,
      rest,
    );
    this.listeners.push(listener);
    return listener;
  }

  /** Projects a step. @returns the token of the log up to there */
  async step(events: RecordedEvent[]): Promise<Token> {
    await this.project(events);
    return this.models.checkpoints().then((reached) => this.whole(reached));
  }

  /** A token that names every shard, as those of streams do. */
  whole(token: Token): Token {
    return new Map(
      Array.from({ length: this.log.shards }, (_, shard) => [shard, token.get(shard) ?? 0] as const),
    );
  }

  async close(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.listeners.map(({ ended }) => ended));
    await this.live.close();
    await this.waiter.close();
    await this.own.end();
  }
}

type Spans = Parameters<LiveStreamSources['log']['readEvents']>[0];

let serial = 0;

/** One who reads a stream, and rests after each piece. */
class Listener {
  readonly messages: LiveMessage[] = [];
  readonly ended: Promise<void>;
  readonly tokens: string[] = [];
  error: unknown;
  private changed = () => {};

  constructor(
    pieces: AsyncIterable<LivePiece>,
    readonly filter: LocationFilter,
    private readonly rest: () => Promise<void>,
  ) {
    this.ended = this.read(pieces);
  }

  private async read(pieces: AsyncIterable<LivePiece>): Promise<void> {
    try {
      for await (const piece of pieces) {
        for (const message of piece)
          if ('event' in message) this.messages.push(message);
          else this.tokens.push(message.id);
        this.changed();
        await this.rest();
      }
    } catch (error) {
      this.error = error;
    }
    this.changed();
  }

  /** Everything up to a token has come. The first message says only where the stream begins. */
  async reaches(token: Token): Promise<void> {
    while (this.tokens.length < 2 || this.tokens.at(-1) !== formatToken(token)) {
      if (this.error) throw this.error as Error;
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
  }

  claims(): string[] {
    return this.messages.filter(({ event }) => event === 'claim').map(claimOf);
  }

  /** The positions of the unreadable events that it was told of. */
  unreadable(): number[] {
    return this.messages
      .filter(({ event }) => event === 'problem')
      .flatMap(({ data }) => (JSON.parse(data) as { unreadable: { position: number }[] }).unreadable)
      .map(({ position }) => position);
  }
}

const claimOf = ({ data }: LiveMessage) => (JSON.parse(data) as { statementId: string }).statementId;
const shownBy = ({ data }: LiveMessage) => JSON.parse(data) as LocationState;

const inOrder = <T extends PlacedEvent>(events: readonly T[]): T[] =>
  events.toSorted((a, b) =>
    a.recordedAt < b.recordedAt
      ? -1
      : a.recordedAt > b.recordedAt
        ? 1
        : a.shard - b.shard || a.position - b.position,
  );

const touchedBy = (event: PlacedEvent) =>
  isRegister(event) ? placesOf(event) : [event.stream as LocationId];

/**
 * What a stream gets of a batch, as literally as the description of the API has it: each place and each claim by a query of its
 * own.
 * @param memo of the queries: nothing is projected while streams are compared
 */
async function expected(
  models: ModelQueries,
  memo: Map<string, Promise<string | undefined>>,
  from: Token,
  events: readonly PlacedEvent[],
  filter: LocationFilter,
): Promise<LiveMessage[]> {
  const answer = async (key: string, ask: () => Promise<string | undefined>) => {
    if (!memo.has(key)) memo.set(key, ask());
    return (await memo.get(key))!;
  };
  const stateOf = async (id: LocationId, knownAt?: string) => {
    const json = await answer(
      `${id} ${knownAt}`,
      async () => (await models.place(id, knownAt === undefined ? undefined : { knownAt }))?.json,
    );
    return json === undefined ? undefined : (JSON.parse(json) as LocationState & { mergedFrom?: string });
  };
  const touched = new Map<LocationId, { first: number; last: number }>();
  for (const [at, event] of events.entries())
    for (const id of touchedBy(event)) {
      const root = (await stateOf(id))!.id;
      touched.set(root, { first: touched.get(root)?.first ?? at, last: at });
    }
  const passing = new Set<LocationId>();
  for (const [root, { first }] of touched) {
    const before = await stateOf(root, new Date(Date.parse(events[first]!.recordedAt) - 1).toISOString());
    if (matches((await stateOf(root))!, filter, ruleset) || (before && matches(before, filter, ruleset)))
      passing.add(root);
  }
  const messages: LiveMessage[] = [];
  const reached = new Map(from);
  for (const [at, event] of events.entries()) {
    reached.set(event.shard, event.position);
    const id = formatToken(reached);
    if (isClaim(event) && passing.has((await stateOf(event.stream as LocationId))!.id)) {
      const { statementId } = event;
      const data = await answer(statementId!, async () =>
        JSON.stringify(await models.statement(statementId!)),
      );
      messages.push({ id, event: 'claim', data });
    }
    for (const [root, { last }] of touched)
      if (last === at && passing.has(root))
        messages.push({ id, event: 'state', data: JSON.stringify(await stateOf(root)) });
  }
  return messages;
}

describe.each([1, 2])('streams of a random log (%i)', (seed) => {
  it('each gets exactly what its filter asks for, whoever else listens', async () => {
    const stage = await Stage.of(seed);
    try {
      const random = new Random(seed);
      let reached = stage.whole(new Map());
      const listeners = [...FILTERS, ...FILTERS].map((filter) => stage.listen(filter, reached));
      for (const events of stage.steps) {
        const before = listeners.map(({ messages }) => messages.length);
        const end = await stage.step(events);
        await Promise.all(listeners.map((listener) => listener.reaches(end)));
        const memo = new Map<string, Promise<string | undefined>>();
        for (const [at, { messages, filter }] of listeners.entries())
          expect(messages.slice(before[at])).toEqual(
            await expected(stage.models, memo, reached, inOrder(events), filter),
          );
        reached = end;
        // Streams come and go meanwhile.
        if (random.chance(0.3)) listeners.push(stage.listen(random.pick(FILTERS), reached));
      }
    } finally {
      await stage.close();
    }
  });

  it('who is slow, begins earlier or is resumed misses no claim and no last state, and gets no claim twice', async () => {
    const stage = await Stage.of(seed, { messages: 4, length: 1_000_000, distance: 6 });
    try {
      const random = new Random(seed);
      const start = stage.whole(new Map());
      let [step, isOver] = [0, false];
      // Until some more steps have been projected, and whoever is quick has got them.
      const rest = (most: number) => async () => {
        for (const until = step + random.int(0, most); step < until && !isOver;) await sleep(1);
      };
      const rests = [rest(0), rest(2), rest(9)];
      const listeners = FILTERS.flatMap((filter) =>
        rests.map((slow) => stage.listen(filter, start, false, slow)),
      );
      let end = start;
      for (const events of stage.steps) {
        end = await stage.step(events);
        await listeners[0]!.reaches(end);
        step += 1;
        if (step % 5 === 0)
          listeners.push(stage.listen(random.pick(FILTERS), start, false, random.pick(rests)));
      }
      isOver = true;
      await Promise.all(listeners.map((listener) => listener.reaches(end)));

      const ids = new Set(stage.log.events.flatMap(touchedBy));
      const places = new Map<string, LocationState>();
      for (const id of ids) {
        const state = JSON.parse((await stage.models.place(id))!.json) as LocationState;
        if (state.id === id) places.set(id, state);
      }
      const all = stage.log.events.filter(isClaim).map(({ statementId }) => statementId!);
      for (const { messages, filter, ...listener } of listeners) {
        const claims = messages.filter(({ event }) => event === 'claim').map(claimOf);
        expect(new Set(claims).size).toBe(claims.length);
        if (filter === FILTERS[0]) expect(claims.toSorted()).toEqual(all.toSorted());
        // A place that left the filter while a reader was far behind it need not be reported.
        const kept = new Map(
          messages
            .filter(({ event }) => event === 'state')
            .map((one) => [shownBy(one).id as string, shownBy(one)]),
        );
        for (const [id, state] of places)
          if (matches(state, filter, ruleset)) expect(kept.get(id)).toEqual(state);
        expect(listener.error).toBeUndefined();
      }

      const { messages } = listeners[0]!;
      for (let cut = 0; cut < messages.length; cut += random.int(5, 40)) {
        const resumed = stage.listen({}, parseToken(messages[cut]!.id)!, true);
        await resumed.reaches(end);
        const before = messages.slice(0, cut + 1);
        const claims = before.filter(({ event }) => event === 'claim').map(claimOf);
        expect([...claims, ...resumed.claims()].toSorted()).toEqual(all.toSorted());
        const kept = new Map(
          [...before, ...resumed.messages]
            .filter(({ event }) => event === 'state')
            .map((one) => [shownBy(one).id as string, shownBy(one)]),
        );
        for (const [id, state] of places) expect(kept.get(id)).toEqual(state);
      }
    } finally {
      await stage.close();
    }
  });
});

it('many streams ask the database hardly more than one', async () => {
  const asked: number[] = [];
  for (const count of [1, 50]) {
    const stage = await Stage.of(4);
    try {
      let end = stage.whole(new Map());
      const filters = [{}, { status: ['contested'] as const }];
      const listeners = Array.from({ length: count * 2 }, (_, at) => stage.listen(filters[at % 2]!, end));
      end = await stage.step(stage.steps[0]!);
      await Promise.all(listeners.map((listener) => listener.reaches(end)));
      const begin = stage.queries;
      for (const events of stage.steps.slice(1)) {
        end = await stage.step(events);
        await Promise.all(listeners.map((listener) => listener.reaches(end)));
      }
      asked.push(stage.queries - begin);
    } finally {
      await stage.close();
    }
  }
  expect(asked[1]! / asked[0]!).toBeLessThan(1.5);
});

const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

it('outlive an outage of the database, and miss nothing', async () => {
  const stage = await Stage.of(5);
  try {
    const start = stage.whole(new Map());
    const listeners = FILTERS.map((filter) => stage.listen(filter, start));
    const half = Math.floor(stage.steps.length / 2);
    let end = start;
    for (const [at, events] of stage.steps.entries()) {
      if (at === half) stage.fault = REFUSED;
      end = await stage.step(events);
      if (at === half) while (stage.errors.length === 0) await sleep(1);
      if (at === half + 3) stage.fault = undefined;
    }
    await Promise.all(listeners.map((listener) => listener.reaches(end)));
    const all = stage.log.events.filter(isClaim).map(({ statementId }) => statementId as string);
    expect(listeners[0]!.claims().toSorted()).toEqual(all.toSorted());
  } finally {
    await stage.close();
  }
});

it('end with an error that waiting does not help, and begin again afterwards', async () => {
  const stage = await Stage.of(6);
  try {
    const start = stage.whole(new Map());
    const listeners = [stage.listen({}, start), stage.listen({ q: 'kup' }, start)];
    await Promise.all(listeners.map((listener) => listener.reaches(start)));
    stage.fault = new Error('an event that nobody can read');
    let end = await stage.step(stage.steps[0]!);
    await Promise.all(listeners.map(({ ended }) => ended));
    expect(listeners.map(({ error }) => error)).toEqual([stage.fault, stage.fault]);
    stage.fault = undefined;
    const again = stage.listen({}, start);
    end = await stage.step(stage.steps[1]!);
    await again.reaches(end);
    expect(again.claims()).toHaveLength(stage.steps.slice(0, 2).flat().filter(isClaim).length);
  } finally {
    await stage.close();
  }
});

it('a reader that has gone costs nothing more, though nothing that was read passed its filter', async () => {
  const gone = new AbortController();
  const event = seedLog(1, 10).events.find(isClaim)!;
  let read = 0;
  const live = new LiveStreams(
    {
      log: {
        shards: 1,
        epochs: new Epochs(),
        presentEpochs: async () => new Epochs(),
        readShard: async () => [],
        async *readEvents({ spans: [span] }) {
          for (let position = span!.after + 1; position <= span!.upTo; position++) {
            if (++read === 1200) gone.abort();
            yield { ...event, shard: 0, position };
          }
        },
      },
      // No place is found: nothing passes.
      queries: { execute: async () => new Map() as never },
      models: { checkpoints: async () => new Map([[0, 100_000]]), ruleset: async () => ruleset },
      waiter: { waitBeyond: async () => true },
    },
    () => {},
    LIMITS,
  );
  const pieces: LivePiece[] = [];
  for await (const piece of live.open(
    new Map(),
    { q: 'x' },
    { signal: gone.signal, idle: 60_000, resumed: false },
  ))
    pieces.push(piece);
  expect(pieces).toEqual([[{ id: '0:0' }]]);
  // The rest of the batch that was read when it left.
  expect(read).toBeLessThanOrEqual(1501);
  expect(live.followed).toBe(0);
  await live.close();
});

describe('streams of a log with two unreadable events in a shard', () => {
  it.each([
    ['at once', 100],
    ['by reading alone', 0],
  ])(
    'each gets everything before the next one after it, the other shards, and all the rest when it is mended (%s)',
    async (_, distance) => {
      const stage = await Stage.of(4, { ...LIMITS, distance, retryMs: 300 });
      try {
        const { log } = stage;
        const longest = Array.from({ length: log.shards }, (_, shard) => shard).toSorted(
          (a, b) => log.of(b).length - log.of(a).length,
        )[0]!;
        const length = log.of(longest).length;
        const [first, second] = [Math.floor(length / 3), Math.floor((2 * length) / 3)];
        stage.damaged.add(`${longest}:${first}`).add(`${longest}:${second}`);
        const starts = [0, first - 1, first, second - 1, second, length - 1];
        const listeners = starts.map((at) => stage.listen({}, stage.whole(new Map([[longest, at]]))));
        let end = stage.whole(new Map());
        for (const events of stage.steps) end = await stage.step(events);
        listeners.push(...starts.map((at) => stage.listen({}, stage.whole(new Map([[longest, at]])))));
        const claimsFrom = (at: number, isEnd: (position: number) => boolean) => {
          const [from, to] = [at, log.of(longest).find(({ position }) => position > at && isEnd(position))];
          return log.events
            .filter(isClaim)
            .filter(
              ({ shard, position }) =>
                shard !== longest || (position > from && position < (to?.position ?? Infinity)),
            )
            .map(({ statementId }) => statementId!)
            .toSorted();
        };
        const all = async (isEnd: (position: number) => boolean) => {
          for (const [n, listener] of listeners.entries()) {
            const wanted = claimsFrom(starts[n % starts.length]!, isEnd);
            for (
              const deadline = Date.now() + 30_000;
              listener.claims().length < wanted.length;
              await sleep(5)
            )
              if (listener.error || Date.now() > deadline) break;
            expect([n, listener.error, listener.claims().toSorted()]).toEqual([n, undefined, wanted]);
          }
        };
        await all((position) => [first, second].includes(position));
        // Of the event that holds it, once; of the next one when it has come there.
        const areTold = async (expected: (from: number) => number[]) => {
          const told = () => listeners.map((listener) => listener.unreadable());
          const wanted = [...starts, ...starts].map(expected);
          for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(5))
            if (isDeepStrictEqual(told(), wanted)) break;
          expect(told()).toEqual(wanted);
        };
        await areTold((from) => [first, second].filter((position) => from < position).slice(0, 1));
        stage.damaged.delete(`${longest}:${first}`);
        await all((position) => position === second);
        await areTold((from) => [first, second].filter((position) => from < position));
        stage.damaged.clear();
        await all(() => false);
        for (const listener of listeners.slice(0, 1)) await listener.reaches(end);
      } finally {
        await stage.close();
      }
    },
    120_000,
  );
});

it('who comes while an unreadable event is looked at again is told of it too', async () => {
  // Nearly always due: it is hardly ever known when a stream begins.
  const stage = await Stage.of(4, { ...LIMITS, retryMs: 1 });
  try {
    const shard = stage.log.events[0]!.shard;
    stage.damaged.add(`${shard}:1`);
    for (const events of stage.steps) await stage.step(events);
    for (let count = 1; count <= 10; count++) {
      const listener = stage.listen({}, stage.whole(new Map()));
      for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(5))
        if (listener.unreadable().length > 0) break;
      expect([count, ...listener.unreadable()]).toEqual([count, 1]);
    }
  } finally {
    await stage.close();
  }
});
