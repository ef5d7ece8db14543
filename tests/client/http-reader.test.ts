import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createProducer,
  EventsMissing,
  readEvents,
  ServiceError,
  type EventReader,
  type PlacedEvent,
  type ReadEventsOptions,
} from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { Random } from '../support/random.js';
import { failure, said, upTo } from './said.js';
import { Unsteady, type Fate } from './unsteady.js';

let running: Running;
let unsteady: Unsteady;
/** The whole log, as the first reader gave it. */
let all: PlacedEvent[];
beforeAll(async () => {
  running = await startRunning();
  await record(300);
  all = await collect(readEvents({ url: running.url, follow: false }));
});
afterAll(() => running.stop());
beforeEach(async () => {
  unsteady = await Unsteady.open(running.url);
});
afterEach(() => unsteady.close());

let recorded = 0;
async function record(count: number): Promise<void> {
  const claimline = createProducer({ url: running.url });
  const ids = await claimline.produce(upTo(count).map((number) => said(recorded + number)));
  for (const id of ids.filter((_, at) => at % 30 === 0))
    await claimline.void(id, { reason: 'a test', by: 'worker-1' });
  await claimline.close();
  recorded += count;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

async function collect(reader: EventReader, most = Infinity): Promise<PlacedEvent[]> {
  const events: PlacedEvent[] = [];
  if (most > 0)
    for await (const event of reader) {
      events.push(event);
      if (events.length >= most) break;
    }
  return events;
}

const read = (options: Partial<ReadEventsOptions> = {}) =>
  readEvents({
    url: unsteady.url,
    follow: false,
    pollMs: 20,
    longestRestMs: 10,
    ...options,
  } as ReadEventsOptions);
const idsOf = (events: readonly PlacedEvent[]) => events.map(({ eventId }) => eventId as string);

describe('events over HTTP', () => {
  test('are all of the log, in order within each shard', () => {
    expect(all).toHaveLength(310);
    const heads = new Map<number, number>();
    for (const { shard, position } of all) {
      expect(position).toBe((heads.get(shard) ?? 0) + 1);
      heads.set(shard, position);
    }
    expect(heads.size).toBeGreaterThan(5);
    expect(Object.keys(all[0]!).toSorted()).toEqual([
      'data',
      'digest',
      'eventId',
      'position',
      'recordedAt',
      'schemaVersion',
      'shard',
      'statementId',
      'stream',
      'type',
    ]);
  });

  test('resume from a token wherever it was taken: nothing is left out, nothing comes twice', async () => {
    const random = new Random(1);
    for (let round = 0; round < 4; round++) {
      const events: PlacedEvent[] = [];
      let token = '';
      while (events.length < all.length) {
        const reader = read({ after: token });
        events.push(...(await collect(reader, random.int(1, 120))));
        token = reader.token;
      }
      expect(idsOf(events).toSorted()).toEqual(idsOf(all).toSorted());
      expect(await collect(read({ after: token }))).toEqual([]);
    }
  });

  test('the token of a reader that gave nothing yet is where it begins', () => {
    expect(read({ after: '3:1,1:2' }).token).toBe('1:2,3:1');
    expect(read().token).toBe('');
  });

  test('of some types only, with tokens that do not leave any out', async () => {
    const types = ['statement.voided'] as const;
    const expected = idsOf(all.filter(({ type }) => type === 'statement.voided'));
    expect(expected).toHaveLength(10);
    const events: PlacedEvent[] = [];
    for (let token = ''; events.length < expected.length;) {
      const reader = readEvents({ url: running.url, follow: false, types, after: token });
      for await (const event of reader) {
        // The type is known to be one of them.
        expect(event.data.reason).toBe('a test');
        events.push(event);
        break;
      }
      token = reader.token;
    }
    expect(idsOf(events).toSorted()).toEqual(expected.toSorted());
    expect(await collect(read({ types: ['location.merged'] }))).toEqual([]);
  });

  test('of types that nothing is of: the token moves on, and nothing is walked through twice', async () => {
    const types = ['location.merged'] as const;
    const whole = readEvents({ url: running.url, follow: false });
    await collect(whole);
    const reader = read({ types });
    expect(await collect(reader)).toEqual([]);
    expect(reader.token).toBe(whole.token);
    const afters = () =>
      unsteady.seen
        .filter(({ path }) => path.startsWith('/v1/events?'))
        .map(({ path }) => new URL(path, 'http://service').searchParams.get('after'));
    expect(afters()).toEqual(['']);
    unsteady.seen.length = 0;
    // Followed: from the second look on it asks for what is new, and for that alone.
    const following = read({ types, follow: true });
    const next = following.next();
    await until(() => afters().length >= 3);
    expect(afters().slice(0, 3)).toEqual(['', whole.token, whole.token]);
    await record(3);
    const later = readEvents({ url: running.url, follow: false });
    await collect(later);
    await until(() => afters().at(-1) === later.token);
    expect(following.token).toBe(later.token);
    await following.return();
    expect((await next).done).toBe(true);
    all = await collect(readEvents({ url: running.url, follow: false }));
  });

  test('of some types, come in spite of a network that fails and a service that stops, each once', async () => {
    const random = new Random(11);
    const FATES: Fate[] = [503, 'cut', 'half', 'half', 'lose'];
    unsteady.fate = () => (random.chance(0.7) ? random.pick(FATES) : 'pass');
    const reader = read({ types: ['statement.voided'] });
    expect(idsOf(await collect(reader)).toSorted()).toEqual(
      idsOf(
        (await collect(readEvents({ url: running.url, follow: false }))).filter(
          ({ type }) => type === 'statement.voided',
        ),
      ).toSorted(),
    );
  });

  test('come in spite of a network that fails, each once', async () => {
    const random = new Random(7);
    const FATES: Fate[] = [503, 'cut', 'half', 'half', 'half', 'lose'];
    unsteady.fate = () => (random.chance(0.8) ? random.pick(FATES) : 'pass');
    const attempts: number[] = [];
    const reader = read({ onRetry: (_, attempt) => attempts.push(attempt) });
    expect(idsOf(await collect(reader)).toSorted()).toEqual(idsOf(all).toSorted());
    expect(attempts.length).toBeGreaterThan(2);
  });

  test('are followed, also while the service is away', async () => {
    const reader = read({ follow: true });
    const seen = await some(reader, all.length);
    expect(idsOf(seen).toSorted()).toEqual(idsOf(all).toSorted());
    const next = reader.next();
    unsteady.fate = () => 503;
    await record(10);
    await sleep(50);
    unsteady.fate = () => 'pass';
    const { value } = await next;
    const later = [value!, ...(await some(reader, 10))];
    expect(later.filter(({ type }) => type === 'claim.asserted')).toHaveLength(10);
    await reader.return();
  });

  test('end at the head of the moment of the first reading', async () => {
    const begun = (await collect(readEvents({ url: running.url, follow: false }))).length;
    const reader = read();
    expect((await reader.next()).done).toBe(false);
    await record(5);
    expect(await collect(reader)).toHaveLength(begun - 1);
  });
});

/** The first events of a reader, which stays open. */
async function some(reader: EventReader, count: number): Promise<PlacedEvent[]> {
  const events: PlacedEvent[] = [];
  while (events.length < count) {
    const { done, value } = await reader.next();
    if (done) throw new Error('it ended');
    events.push(value);
  }
  return events;
}

describe('the end of a reading', () => {
  test('by a signal, in the midst and while it waits', async () => {
    for (const after of ['', tokenOf(await collect(readEvents({ url: running.url, follow: false })))]) {
      const stop = new AbortController();
      const reader = read({ follow: true, signal: stop.signal, pollMs: 60_000, after });
      if (after === '') await reader.next();
      const next = reader.next();
      await sleep(30);
      stop.abort();
      await next;
      expect(await reader.next()).toEqual({ done: true, value: undefined });
    }
    expect(await collect(read({ signal: AbortSignal.abort() }))).toEqual([]);
  });

  test('by return(), whoever waits for the next one', async () => {
    const reader = read({ follow: true, pollMs: 60_000, types: ['location.merged'] });
    const next = reader.next();
    await sleep(30);
    await reader.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await read().return()).toEqual({ done: true, value: undefined });
  });

  test('break lets the connection go', async () => {
    for await (const _ of read({ follow: true })) break;
    const count = unsteady.seen.length;
    await sleep(60);
    expect(unsteady.seen).toHaveLength(count);
  });

  test('wrong options are reported at once, what the service will not answer when it is asked', async () => {
    expect(() => read({ after: 'yesterday' })).toThrow(/after must be a token.*but is "yesterday"/);
    expect(() => read({ types: ['claim.made' as 'claim.denied'] })).toThrow(
      /types must be of .*, but names "claim.made"/,
    );
    expect(() => read({ types: [] })).toThrow('types must be of');
    expect(() => read({ url: 'nowhere' })).toThrow('must be an http or https URL');
    const error = await failure(ServiceError, read({ after: '1:999999' }).next());
    expect([error.status, error.code]).toEqual([422, 'query-invalid']);
    await expect(read({ giveUpAfterMs: 30, url: await away() }).next()).rejects.toThrow('ECONNREFUSED');
  });
});

async function away(): Promise<string> {
  const gone = await Unsteady.open('');
  const { url } = gone;
  await gone.close();
  return url;
}

const tokenOf = (events: readonly PlacedEvent[]) => {
  const token = new Map<number, number>();
  for (const { shard, position } of events) token.set(shard, position);
  return [...token].map(([shard, position]) => `${shard}:${position}`).join(',');
};

describe('what a service answers wrongly', () => {
  const line = (position: number) =>
    JSON.stringify({
      eventId: `event-${position}`,
      type: 'claim.asserted',
      schemaVersion: 1,
      stream: 's',
      data: {},
      shard: 0,
      position,
      recordedAt: '2025-11-20T00:00:00.000Z',
      digest: '',
      chain: '',
    });
  const others: Unsteady[] = [];
  afterEach(() => Promise.all(others.splice(0).map((one) => one.close())));
  const answering = async (...answers: string[]) => {
    const other = await Unsteady.open(({ path }) => ({
      body: path.startsWith('/v1/projections')
        ? { items: [{ shard: 0, head: 4 }] }
        : path.includes('limit=1')
          ? { items: [] }
          : (answers.shift() ?? ''),
    }));
    others.push(other);
    return other;
  };
  const positions = async (reader: EventReader) => (await collect(reader)).map(({ position }) => position);

  test('a gap is an error', async () => {
    const other = await answering(`${line(1)}\n${line(2)}\n${line(4)}\n`);
    const reader = read({ url: other.url });
    await reader.next();
    await reader.next();
    const error = await failure(EventsMissing, reader.next());
    expect(error).toMatchObject({
      shard: 0,
      from: 3,
      to: 3,
      message: expect.stringContaining('position 3 of shard 0'),
    });
    expect(reader.token).toBe('0:2');
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('with types positions are left out', async () => {
    const other = await answering(`${line(1)}\n${line(4)}\n`);
    expect(await positions(read({ url: other.url, types: ['claim.asserted'] }))).toEqual([1, 4]);
  });

  test('a header that is no token, or names what comes after the end, changes nothing', async () => {
    for (const [header, token] of [
      ['nonsense', '0:2'],
      ['0:9,1:7', '0:4'],
    ] as const) {
      const other = await Unsteady.open(({ path }) => ({
        headers: { 'replay-to': header },
        body: path.startsWith('/v1/projections')
          ? { items: [{ shard: 0, head: 4 }] }
          : path.includes('limit=1')
            ? { items: [] }
            : `${line(2)}\n`,
      }));
      others.push(other);
      const reader = read({ url: other.url, types: ['claim.asserted'] });
      expect(await positions(reader)).toEqual([2]);
      expect(reader.token).toBe(token);
    }
  });

  test('an answer that a service which stops has cut short is not the end of the log', async () => {
    const other = await answering(`${line(1)}\n`, '', `${line(2)}\n${line(3)}\n${line(4)}\n${line(5)}\n`);
    expect(await positions(read({ url: other.url }))).toEqual([1, 2, 3, 4]);
  });

  test('a problem in the midst of it is one', async () => {
    const problem = (status: number) =>
      `${JSON.stringify({ problem: { type: 'urn:claimline:problem:made-up', status, detail: 'not now' } })}\n`;
    const passing = await answering(`${line(1)}\n${problem(503)}`, `${line(2)}\n${line(3)}\n${line(4)}\n`);
    expect(await positions(read({ url: passing.url }))).toEqual([1, 2, 3, 4]);
    const lasting = await answering(`${line(1)}\n${problem(422)}`);
    expect(await failure(ServiceError, positions(read({ url: lasting.url })))).toMatchObject({
      status: 422,
      code: 'made-up',
    });
  });

  test('an event of a newer version is an error, not asked for again and again', async () => {
    const other = await answering(`${line(1).replace('"schemaVersion":1', '"schemaVersion":2')}\n`);
    await expect(positions(read({ url: other.url }))).rejects.toThrow(
      'has schema version 2, which this version cannot read',
    );
  });
});
