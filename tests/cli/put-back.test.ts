import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createLogger } from '#libs/platform';
import { startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { copyOf } from '../support/go-back.js';

// Files of a database are put back while nobody runs, without Kafka: nothing inside of the database tells that it went back.

const DEADLINE_MS = 60_000;
const BEGUN = /epoch \d+ of the log has begun/;
const HINT = 'claimline epoch new';

let folder: string;
let database: TestDatabase;
let running: Running | undefined;
let logged: string[];
let recorded = 0;
const environment = { ...process.env };

beforeAll(() => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'put-back-'));
});
beforeEach(async () => {
  database = await freshDatabase();
  Object.assign(process.env, { DATABASE_URL: database.url, SHARDS: '1', LOG_LEVEL: 'warn' });
  logged = [];
});
afterEach(async () => {
  await stop();
  await database.drop();
});
afterAll(() => {
  process.env = environment;
});

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('it did not come about in time');
}

async function start(env: Record<string, string> = {}): Promise<Running> {
  const write = (line: string) => void logged.push(line);
  running = await startRunning(
    { DATABASE_URL: database.url, SHARDS: '1', ...env },
    createLogger('warn', { write }),
  );
  return running;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** @returns the token of the last of them, which the read models have reached */
async function record(count: number): Promise<string> {
  let token = '';
  for (let at = 0; at < count; at++)
    ({ token } = (
      await running!.record({ speaker: { name: `Speaker ${(recorded += 1)}`, party: 'russia' } })
    ).json);
  return token;
}

/** A service records 30 statements, the files are copied, and it records 10 more; then it ends, and the copy is put back. */
async function putBack(env: Record<string, string> = {}, before?: () => Promise<void>): Promise<string> {
  await start(env);
  await record(30);
  const copy = await copyOf(database.url);
  await until(async () => (await running!.get('/v1/events?limit=1')).status === 200 || undefined);
  const lost = await record(10);
  await before?.();
  await stop();
  await copy.putBack({ sameLine: true });
  return lost;
}

const sql = async (text: string) => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
};

describe('a file beside the database keeps what was seen of the log', () => {
  const file = () => join(folder, 'seen.json');
  const shows = (position: number) => () =>
    readFileSync(file(), 'utf8').includes(`"position":${position},`) || undefined;

  test('the start begins an epoch before anything is recorded; the lost tokens are refused, and all others are not', async () => {
    const lost = await putBack({ SEEN_FILE: file() }, async () => {
      await until(shows(40));
    });
    await start({ SEEN_FILE: file() });
    expect(logged.join('')).toMatch(BEGUN);
    const refused = await running!.get(`/v1/events?after=${lost}`);
    expect(refused).toMatchObject({ status: 409, json: { token: expect.stringMatching(/^0:\d+~\d+$/) } });
    const first = await record(15);
    expect(first).toMatch(/^0:45~\d+$/);
    const { items } = (await running!.get(`/v1/events?after=${refused.json.token}&limit=500`)).json;
    expect(items.at(-1)).toMatchObject({ position: 45 });
    expect((items as object[]).length).toBeGreaterThanOrEqual(15);
    expect((await running!.get('/v1/events?after=0:1')).status).toBe(200);
    // It is said once.
    await stop();
    logged = [];
    await start({ SEEN_FILE: file() });
    expect(logged.join('')).not.toMatch(BEGUN);
    expect((await claimline('epoch', 'list')).out.match(/^epoch /gm)).toHaveLength(1);
  }, 180_000);

  test('of another store, or unreadable, it is named and does no harm', async () => {
    for (const text of ['{"storeId":"another","seen":[]}', '{"sto']) {
      writeFileSync(file(), text);
      logged = [];
      await start({ SEEN_FILE: file() });
      expect(logged.join('')).toContain(file());
      await record(1);
      await stop();
    }
    expect((await claimline('epoch', 'list')).out).toContain('has never gone back');
  }, 120_000);
});

describe('without it, whoever has seen more is told what to do', () => {
  test('a reader with a token, a cursor or the id of a stream: the answer and the log name the verb', async () => {
    const cursors: string[] = [];
    const lost = await putBack({}, async () => {
      await running!.record({ location: { name: 'Elsewhere' }, speaker: { party: 'ukraine' } });
      cursors.push((await running!.get('/v1/locations?order=changed&limit=1')).json.nextCursor as string);
    });
    await start();
    const told = { status: 422, text: expect.stringContaining(HINT) };
    expect(await running!.get(`/v1/events?after=${lost}`)).toMatchObject(told);
    expect(await running!.get(`/v1/locations?after=${lost}`)).toMatchObject(told);
    expect(await running!.get('/v1/stream', { 'last-event-id': lost })).toMatchObject(told);
    expect(await running!.get(`/v1/locations?order=changed&limit=1&cursor=${cursors[0]}`)).toMatchObject(
      told,
    );
    // Whoever makes tokens up does not fill the log.
    expect(logged.filter((line) => line.includes(HINT))).toHaveLength(1);

    expect(await claimline('epoch', 'new', '--reason', 'the copy of Monday')).toMatchObject({ code: 0 });
    await record(15);
    expect(await running!.get(`/v1/events?after=${lost}`)).toMatchObject({ status: 409 });
    expect(await running!.get('/v1/stream', { 'last-event-id': lost })).toMatchObject({ status: 409 });
  }, 180_000);

  test('a checkpoint that was kept, and the token of the last verification', async () => {
    const [checkpoint, remembered] = [join(folder, 'checkpoint'), join(folder, 'remembered')];
    await putBack({}, async () => {
      expect(await claimline('checkpoint', 'export', '--out', checkpoint)).toMatchObject({ code: 0 });
      expect(await claimline('verify', '--remember', remembered)).toMatchObject({ code: 0 });
    });
    const check = await claimline('checkpoint', 'check', checkpoint);
    expect(check).toMatchObject({ code: 1, out: expect.stringContaining('is missing') });
    expect(check.err).toContain('has fewer events than the checkpoint states: it has gone back');
    expect(check.err).toContain(HINT);
    expect(await claimline('verify', '--remember', remembered)).toMatchObject({
      code: 1,
      err: expect.stringContaining(HINT),
    });

    // The log grows beyond it: then its roots tell.
    await start();
    await record(15);
    expect(await claimline('checkpoint', 'check', checkpoint)).toMatchObject({ code: 1 });
  }, 180_000);

  test('read models that were not put back: nothing starts on them until they are rebuilt', async () => {
    await putBack();
    await sql(
      `update read_models.checkpoint set position = 40, recorded_at = recorded_at + interval '1 second'`,
    );
    await expect(start()).rejects.toThrow(
      /read models hold events that the log does not have.*claimline epoch new/s,
    );
    expect(await claimline('export', 'states')).toMatchObject({
      code: 1,
      err: expect.stringContaining(HINT),
    });
    expect(await claimline('epoch', 'new', '--reason', 'the log was put back')).toMatchObject({ code: 0 });
    expect(await claimline('rebuild')).toMatchObject({ code: 0 });
    await start();
    await record(15);
    const { json } = await running!.get('/v1/statements?limit=500');
    expect(json.items).toHaveLength(45);
  }, 180_000);
});
