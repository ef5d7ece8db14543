import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { claimline } from '../support/command-line.js';
import { copyOf } from '../support/go-back.js';
import { PLAIN, startRunning, type Answer, type Running } from './running.js';

const DEADLINE_MS = 60_000;

/** Lists whose cursors hold positions of the log, and lists whose cursors hold the sort key of an item. */
const WITH_POSITIONS = [
  'locations?order=changed',
  'locations?order=name',
  'locations?order=statements',
  'events?',
  'audit?',
];
const WITH_KEYS = ['locations?order=id', 'statements?', 'changes?'];

let running: Running;
let locationId: string;
/** By list, before the copy was made and after it. */
const kept = new Map<string, string>();
const lost = new Map<string, string>();
let recorded = 0;

const until = async (work: () => Promise<Answer>): Promise<Answer> => {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(50)) {
    const answer = await work().catch(() => undefined);
    if (answer && answer.status < 300) return answer;
  }
  throw new Error('it did not come about in time');
};

async function record(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    recorded += 1;
    const body = {
      ...PLAIN,
      location: { name: `Town ${recorded % 4}` },
      statedAt: `2025-11-${10 + (recorded % 18)}`,
      speaker: { name: `Speaker ${recorded}`, party: recorded % 3 === 0 ? 'ukraine' : 'russia' },
    };
    const { json } = await until(() => running.send('POST', '/v1/statements', body));
    ({ locationId } = json as { locationId: string });
    // What is voided changes no status, and is in the audit.
    const voided = `/v1/statements/${json.statementId}/void`;
    const last =
      recorded % 2 === 0
        ? await until(() => running.send('POST', voided, { reason: 'a test', by: 'desk' }))
        : { json };
    await until(() => running.get(`/v1/locations/${locationId}?after=${last.json.token}&wait=30000`));
  }
}

async function cursors(into: Map<string, string>): Promise<void> {
  const lists = [...WITH_POSITIONS, ...WITH_KEYS, `locations/${locationId}/timeline?`];
  for (const list of lists) {
    const { json } = await until(() => running.get(`/v1/${list}&limit=1`.replace('?&', '?')));
    if (json.nextCursor !== null) into.set(list, json.nextCursor as string);
  }
}

const asked = (list: string, cursor: string) =>
  running.get(`/v1/${list}&limit=1&cursor=${encodeURIComponent(cursor)}`.replace('?&', '?'));
const refused = { status: 409, json: { type: 'urn:claimline:problem:epoch-changed' } };

beforeAll(async () => {
  running = await startRunning({ SHARDS: '2' });
  await record(8);
  await cursors(kept);
  const copy = await copyOf(running.databaseUrl);
  await record(8);
  await cursors(lost);
  await copy.putBack();
  await record(12);
}, 180_000);
afterAll(() => running?.stop());

describe('a page after the log went back', () => {
  test('every list gave a cursor', () => {
    expect([...lost.keys()]).toEqual(expect.arrayContaining([...WITH_POSITIONS, ...WITH_KEYS]));
    expect([...kept.keys()]).toEqual(expect.arrayContaining(WITH_POSITIONS));
  });

  test.each(WITH_POSITIONS.filter((list) => list !== 'events?'))(
    'a cursor of what is lost is refused, and says where to go on: %s',
    async (list) => {
      const answer = await asked(list, lost.get(list)!);
      expect(answer).toMatchObject(refused);
      expect((await running.get(`/v1/events?after=${answer.json.token}`)).status).toBe(200);
    },
  );

  test.each(WITH_POSITIONS)('a cursor of what is left goes on: %s', async (list) => {
    expect((await asked(list, kept.get(list)!)).status).toBe(200);
  });

  test.each(WITH_POSITIONS)('so does one given since: %s', async (list) => {
    const { json } = await running.get(`/v1/${list}&limit=1`.replace('?&', '?'));
    expect((await asked(list, json.nextCursor as string)).status).toBe(200);
  });

  test('a cursor that holds no position goes on by its key', async () => {
    for (const [list, cursor] of lost)
      if (!WITH_POSITIONS.includes(list))
        expect([list, (await asked(list, cursor)).status]).toEqual([list, 200]);
  });

  test('a page of the log whose events are all lost is refused', async () => {
    const all = await running.get('/v1/events?limit=500');
    const beyond = String(all.json.token).replaceAll(/~\d+/g, '');
    expect(await asked('events?', beyond)).toMatchObject(refused);
  });
});

describe('tokens in answers and reports name the epoch', () => {
  const NAMED = /^0:\d+~\d+,1:\d+~\d+$/;

  test('in a comparison', async () => {
    const { json } = await running.get(`/v1/locations/${locationId}/compare?a=2025-11-11&b=now`);
    expect(json.b.token).toMatch(/~\d+/);
    expect((await running.get(`/v1/locations?after=${json.b.token}`)).status).toBe(200);
  });

  test('in exported states, and in the reports of a rebuild and of a check of the read models', async () => {
    const env = { ...process.env };
    Object.assign(process.env, { DATABASE_URL: running.databaseUrl, SHARDS: '2', LOG_LEVEL: 'silent' });
    try {
      const { out } = await claimline('export', 'states', '--format', 'ndjson');
      const states = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { token: string });
      expect(states.some(({ token }) => /~\d+/.test(token))).toBe(true);
      for (const { token } of states)
        expect((await running.get(`/v1/locations?after=${token}`)).status).toBe(200);
      for (const verb of [['rebuild'], ['verify', '--models']]) {
        const said = await claimline(...verb, '--json');
        expect(said).toMatchObject({ code: 0 });
        expect((JSON.parse(said.out.trim().split('\n').at(-1)!) as { token: string }).token).toMatch(NAMED);
      }
    } finally {
      process.env = env;
    }
  }, 120_000);
});
