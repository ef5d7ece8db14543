import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BEGIN, HOUR_MS, monthOf, SHARDS } from '../support/month.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { startService, type Serving } from '../support/service.js';
import { topicsAtHand, type Seen, type TopicsAtHand } from './topics-at-hand.js';

const HOURS = 150;
const EACH = 20;

describeKafka('history published by a service', () => {
  let month: Awaited<ReturnType<typeof monthOf>>;
  let topics: TopicsAtHand;
  let serving: Serving;

  const start = async () => {
    const env = {
      DATABASE_URL: month.url,
      SHARDS: String(SHARDS),
      PORT: '0',
      LOG_LEVEL: 'warn',
      ...topics.env,
    };
    serving = await startService({
      env,
      logFile: join(process.env.CLAIMLINE_TEST_TMP!, `publish-${process.pid}.log`),
    });
  };
  beforeAll(async () => {
    month = await monthOf(HOURS, EACH);
    topics = await topicsAtHand();
    await start();
  }, 120_000);
  afterAll(async () => {
    serving.signal('SIGTERM');
    await serving.ended;
    await topics.close();
    await month.drop();
  });

  interface Run {
    replayId: string;
    state: string;
    done: number;
    total: number | null;
    endedAt: string | null;
    error: string | null;
    cursor: string | null;
    result: object | null;
  }

  async function ask<T = Run>(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; json: T }> {
    const answer = await fetch(`${serving.url}/v1/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as T };
  }

  async function until(id: string, enough: (run: Run) => boolean): Promise<Run> {
    for (let tries = 0; tries < 600; tries++, await sleep(50)) {
      const { json } = await ask('GET', `replays/${id}`);
      if (enough(json)) return json;
    }
    throw new Error(`it does not come: ${JSON.stringify((await ask('GET', `replays/${id}`)).json)}`);
  }

  /** For each partition the positions, in the order in which the topic has them first. */
  const firstOnes = (seen: readonly Seen[]) => {
    const found = new Map<number, Set<number>>();
    for (const { partition, headers } of seen)
      found.set(partition, (found.get(partition) ?? new Set()).add(Number(headers.position)));
    return new Map([...found].map(([partition, positions]) => [partition, [...positions]]));
  };
  const isWhole = (seen: readonly Seen[]) =>
    [...firstOnes(seen).values()].every((positions) =>
      positions.every((position, at) => position === at + 1),
    );

  it('is whole and in order, with its progress', async () => {
    const topic = `${topics.prefix}.again`;
    const asked = await ask('POST', 'replays', { kind: 'publish', topic });
    expect(asked).toMatchObject({
      status: 202,
      json: { state: 'waiting', kind: 'publish', spec: { topic, total: month.events } },
    });
    const done = await until(asked.json.replayId, ({ endedAt }) => endedAt !== null);
    expect(done).toMatchObject({
      state: 'done',
      done: month.events,
      total: month.events,
      error: null,
      result: { topic, messages: month.events },
    });
    const seen = await topics.all(topic);
    expect(seen).toHaveLength(month.events);
    expect(isWhole(seen)).toBe(true);
    expect(seen.every(({ headers }) => headers.replay === asked.json.replayId)).toBe(true);
    // The live topic says nothing of a replay.
    expect(
      (await topics.until(topics.topics.events, (live) => live.length >= month.events)).some(
        ({ headers }) => 'replay' in headers,
      ),
    ).toBe(false);
  }, 60_000);

  it('resumes after kill -9 where it was: nothing is left out, the order stays', async () => {
    const topic = `${topics.prefix}.killed`;
    // An hour of the log in 40 ms: 6 s in all.
    const { json } = await ask('POST', 'replays', { kind: 'publish', topic, speed: '90000x' });
    const before = await until(json.replayId, ({ done }) => done > 200);
    serving.signal('SIGKILL');
    await serving.ended;
    expect(before.done).toBeLessThan(month.events);
    await start();
    const done = await until(json.replayId, ({ endedAt }) => endedAt !== null);
    expect(done).toMatchObject({ state: 'done', done: month.events, total: month.events });
    const seen = await topics.all(topic);
    expect(isWhole(seen)).toBe(true);
    expect(new Set(seen.map(({ headers }) => headers.ce_id)).size).toBe(month.events);
    expect(seen.every(({ headers }) => headers.replay === json.replayId)).toBe(true);
    // It did not start over.
    expect(seen.length - month.events).toBeLessThan(month.events - 200);
  }, 90_000);

  it('is cancelled at once, in the midst of a silence; what was sent is where its token says', async () => {
    const topic = `${topics.prefix}.cancelled`;
    const [from, to] = [
      new Date(BEGIN + 10 * HOUR_MS).toISOString(),
      new Date(BEGIN + 20 * HOUR_MS).toISOString(),
    ];
    const { json } = await ask('POST', 'replays', { kind: 'publish', topic, from, to, speed: 1 });
    await until(json.replayId, ({ done }) => done > 0);
    expect((await ask('DELETE', `replays/${json.replayId}`)).status).toBe(202);
    const begun = Date.now();
    const ended = await until(json.replayId, ({ endedAt }) => endedAt !== null);
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(ended).toMatchObject({ state: 'cancelled', done: EACH, total: 11 * EACH });
    const seen = await topics.all(topic);
    expect(seen).toHaveLength(EACH);
    // The next one resumes at the token.
    const rest = await ask('POST', 'replays', {
      kind: 'publish',
      topic,
      from: ended.cursor,
      to,
      types: ['claim.asserted'],
    });
    await until(rest.json.replayId, ({ endedAt }) => endedAt !== null);
    const all = await topics.all(topic);
    expect(all.every(({ headers: { ce_time: time = '' } }) => time >= from && time <= to)).toBe(true);
    expect(new Set(all.map(({ headers }) => headers.ce_id)).size).toBe(all.length);
    const later = all.filter(({ headers }) => headers.replay === rest.json.replayId);
    expect(later).toHaveLength(all.length - EACH);
    expect(later.every(({ headers }) => headers.ce_type === 'claim.asserted')).toBe(true);
  }, 60_000);

  it('refuses topics that are its own, or have other partitions, and names what is wrong', async () => {
    const admin = topics.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: `${topics.prefix}.narrow`, numPartitions: 2 }] });
    await admin.disconnect();
    const wrong: [object, string, string][] = [
      [{ topic: topics.topics.events }, '/topic', 'the service itself'],
      [{ topic: topics.topics.statements }, '/topic', 'the service itself'],
      [{ topic: topics.topics.deadLetters }, '/topic', 'the service itself'],
      [{ topic: 'a b' }, '/topic', 'name of a topic'],
      [
        { topic: `${topics.prefix}.narrow` },
        '/topic',
        'must have 4 partitions, one for each shard, and has 2',
      ],
      [{}, '/topic', 'is required'],
      [{ topic: 'x', speed: '0x' }, '/speed', 'multiple of real time'],
      [{ topic: 'x', speed: -1 }, '/speed', 'multiple of real time'],
      [{ topic: 'x', from: 'yesterday' }, '/from', 'must be a token, or'],
      [{ topic: 'x', to: '0:999999' }, '/to', 'which the log has not reached'],
      [{ topic: 'x', locations: ['a b'] }, '/locations/0', 'must be the id of a place'],
      [{ topic: 'x', types: ['nonsense'] }, '/types/0', 'must be one of'],
      [{ topic: 'x', more: 1 }, '/more', 'unknown field'],
    ];
    for (const [body, pointer, detail] of wrong) {
      const answer = await ask('POST', 'replays', { kind: 'publish', ...body });
      expect([body, answer]).toMatchObject([
        body,
        {
          status: 422,
          json: {
            type: 'urn:claimline:problem:replay-invalid',
            errors: [{ pointer, detail: expect.stringContaining(detail) }],
          },
        },
      ]);
    }
  });
});
