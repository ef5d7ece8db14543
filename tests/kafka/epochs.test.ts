import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EpochChanged, readEvents, type EventReader } from '#libs/client';
import { PLAIN, startRunning, type Answer, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { copyOf } from '../support/go-back.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const DEADLINE_MS = 90_000;

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(100)) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error('it did not come about in time');
}

describeKafka('a log that went back behind its topic', () => {
  let at: TopicsAtHand;
  let running: Running;
  let recorded = 0;
  const statementIds: string[] = [];
  /** Ends every reader, also one that waits for what does not come. */
  const ending = new AbortController();
  const follow = (after = ''): EventReader =>
    readEvents({ brokers: at.env.KAFKA_BROKERS.split(','), prefix: at.prefix, after, signal: ending.signal });

  const record = async (): Promise<Answer> => {
    recorded += 1;
    const body = {
      ...PLAIN,
      location: { name: 'Millbridge', country: 'ZZ' },
      speaker: { name: `Speaker ${recorded}`, party: 'russia' },
    };
    return until(async () => {
      const answer = await running.send('POST', '/v1/statements', body);
      return answer.status < 300 ? answer : undefined;
    });
  };
  const positions = async () => (await at.all(at.topics.events)).map(({ headers }) => headers.position);
  const readiness = async () => (await running.get('/readyz')).text;

  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning({ ...at.env, SHARDS: '1' });
    for (let at = 0; at < 30; at++) await record();
    await until(async () => ((await positions()).includes('30') ? true : undefined));
    const copy = await copyOf(running.databaseUrl);
    for (let at = 0; at < 10; at++) await record();
    await until(async () => ((await positions()).includes('40') ? true : undefined));
    await copy.putBack();
    for (let at = 0; at < 15; at++) statementIds.push((await record()).json.statementId as string);
  }, 240_000);
  afterAll(async () => {
    ending.abort();
    await Promise.allSettled([running?.stop(), at?.close()]);
  }, DEADLINE_MS);

  it(
    'the relay sends nothing more, and readiness names what the topic has and the log has lost',
    async () => {
      const said = await until(async () => {
        const text = await readiness();
        return text.includes('claimline epoch confirm') ? text : undefined;
      });
      expect(said).toContain('31 to 40 of shard 0');
      expect((await at.all(at.topics.events)).filter(({ headers }) => headers.epoch !== undefined)).toEqual(
        [],
      );
    },
    DEADLINE_MS,
  );

  it(
    'the read models have all that the log has, and nothing that it has lost',
    async () => {
      const { json } = await running.get('/v1/events?limit=500');
      const { token } = json as { token: string };
      const answer = await until(async () => {
        const { status, json } = await running.get(`/v1/statements?after=${token}&wait=30000&limit=500`);
        return status === 200 ? (json as { items: { statementId: string }[] }) : undefined;
      });
      expect(answer.items).toHaveLength(45);
      expect(answer.items.map(({ statementId }) => statementId)).toEqual(
        expect.arrayContaining(statementIds),
      );
    },
    DEADLINE_MS,
  );

  it(
    'once an operator has confirmed it the relay goes on, and a reader of the topic misses none of the fifteen',
    async () => {
      const reader = follow();
      for (let position = 1; position <= 40; position++)
        expect((await reader.next()).value).toMatchObject({ position });
      const env = { ...process.env };
      Object.assign(process.env, { DATABASE_URL: running.databaseUrl, SHARDS: '1' });
      try {
        expect(await claimline('epoch', 'list')).toMatchObject({
          code: 0,
          out: expect.stringMatching(/begins after 0:30\n {2}not confirmed/),
        });
        expect(await claimline('epoch', 'confirm')).toMatchObject({
          code: 0,
          out: '1 epoch confirmed: the relay goes on\n',
        });
        expect(await claimline('status')).toMatchObject({
          out: expect.stringContaining('claimline epoch list'),
        });
      } finally {
        process.env = env;
      }
      const error = await reader.next().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(EpochChanged);
      const { token } = error as EpochChanged;
      expect(token).toMatch(/^0:30~\d+$/);
      const next = follow(token);
      const ids: string[] = [];
      for (let count = 0; count < 15; count++) ids.push((await next.next()).value.statementId);
      await next.return();
      expect(ids).toEqual(statementIds);
      await until(async () => ((await running.get('/readyz')).status === 200 ? true : undefined));
    },
    DEADLINE_MS * 2,
  );

  it(
    'what comes then is relayed and projected as ever',
    async () => {
      const { json } = await record();
      const { token, locationId } = json as { token: string; locationId: string };
      expect(await running.get(`/v1/locations/${locationId}?after=${token}&wait=30000`)).toMatchObject({
        status: 200,
        json: { statements: 46 },
      });
      await until(async () => ((await positions()).includes('46') ? true : undefined));
    },
    DEADLINE_MS,
  );
});
