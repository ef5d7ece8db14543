import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventStore } from '#libs/log';
import pg from 'pg';
import { startRunning, type Running } from './running.js';

// A projector that is held back: another session has the checkpoints, so it cannot move on.

let running: Running;
let other: pg.Client;
beforeAll(async () => {
  running = await startRunning();
  other = new pg.Client({ connectionString: running.databaseUrl });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await running.stop();
});

const KUP = { location: { name: 'Held place', country: 'UA' } };
const FAR = '2100-01-01';
/** The id of the place, and a time before and after the projector was held back. */
let id: string;
let before: string;
let held: string;
let number = 0;
beforeEach(async () => {
  const first = await running.record({
    ...KUP,
    statedAt: '2025-11-20',
    speaker: { name: `First ${++number}`, party: 'russia' },
  });
  id = first.json.locationId;
  before = first.json.recordedAt;
  await other.query('begin; lock table read_models.checkpoint in share row exclusive mode');
  const second = await running.send('POST', '/v1/statements', {
    ...KUP,
    stance: 'deny',
    claim: { predicate: 'captured', actor: 'russia' },
    statedAt: '2025-11-21',
    speaker: { name: `Second ${number}`, party: 'ukraine' },
  });
  expect(second.status).toBe(201);
  held = second.json.recordedAt;
});
const letGo = () => other.query('rollback');
afterEach(letGo);

const GEOJSON = { accept: 'application/geo+json' };
/** Every question that knows a time. */
const questions = (at: string): [path: string, headers?: Record<string, string>][] => [
  [`/v1/locations/${id}?knownAt=${at}`],
  [`/v1/locations/${id}?asOf=2025-11-30&knownAt=${at}`],
  [`/v1/locations?knownAt=${at}`],
  [`/v1/locations?knownAt=${at}`, GEOJSON],
  [`/v1/locations/${id}/timeline?knownAt=${at}`],
  [`/v1/locations/${id}/history?knownAt=${at}`],
  [`/v1/locations/${id}/compare?a=@${at}`],
  [`/v1/locations/${id}/compare?a=now&b=2025-11-30@${at}`],
  [`/v1/changes?knownAt=${at}`],
];

describe('a question about what was known', () => {
  it('is not answered before all of that is projected', async () => {
    for (const at of [held, FAR])
      for (const [path, headers] of questions(at)) {
        const { status, json } = await running.get(`${path}&wait=0`, headers);
        expect([path, status, json.type]).toEqual([path, 504, 'urn:claimline:problem:projection-behind']);
      }
    // Nothing else waits, nor what was known before.
    for (const [path, headers] of questions(before))
      expect([path, (await running.get(`${path}&wait=0`, headers)).status]).toEqual([path, 200]);
    expect((await running.get(`/v1/locations/${id}?wait=0`)).status).toBe(200);
  });

  it('waits as long as it may, and has all of it then', async () => {
    for (const at of [held, FAR]) {
      const waiting = questions(at).map(async ([path, headers]) => ({
        path,
        ...(await running.get(path, headers)),
      }));
      const [state] = await Promise.all([
        waiting[0]!,
        new Promise((done) => setTimeout(done, 50)).then(letGo),
      ]);
      expect(state.json).toMatchObject({ status: 'contested', lastRecordedAt: held });
      const answers = await Promise.all(waiting);
      for (const { path, status, text } of answers) {
        expect([path, status]).toEqual([path, 200]);
        // The same again, long after.
        if (at === held)
          expect(
            (
              await running.get(
                path,
                path === answers[3]!.path && text.includes('FeatureCollection') ? GEOJSON : {},
              )
            ).text,
          ).toBe(text);
      }
      await other.query('begin; lock table read_models.checkpoint in share row exclusive mode');
    }
  });

  it('asks the log nothing about a time that was whole before', async () => {
    await letGo();
    expect((await running.get(`/v1/locations/${id}?knownAt=${held}`)).status).toBe(200);
    const store = running.service.app.get(EventStore);
    const looks = [jest.spyOn(store, 'settled'), jest.spyOn(store, 'heads')];
    for (const at of [before, held, '2025-11-20'])
      for (const [path, headers] of questions(at))
        expect([path, (await running.get(path, headers)).status < 500]).toEqual([path, true]);
    for (const look of looks) expect(look).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });

  it('is not answered while what was recorded by then is not committed', async () => {
    await letGo();
    const shard = running.service.app.get(EventStore).shardOf(id);
    // A writer takes its time, and holds the head of a shard.
    await other.query(
      `begin; select from claimline.heads where shard = ${shard} for update; select clock_timestamp()`,
    );
    const now = new Date().toISOString();
    await new Promise((done) => setTimeout(done, 5));
    expect((await running.get(`/v1/locations/${id}?knownAt=${now}&wait=30`)).status).toBe(504);
    const waiting = running.get(`/v1/locations/${id}?knownAt=${now}`);
    await other.query('rollback');
    expect((await waiting).status).toBe(200);
  });
});

describe('claimline export --known-at', () => {
  const claimline = (...args: string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((done) => {
      const child = spawn(process.execPath, [resolve('dist/apps/cli/src/main.js'), ...args], {
        env: { PATH: process.env.PATH, DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'error' },
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => (out += String(chunk)));
      child.stderr.on('data', (chunk) => (err += String(chunk)));
      child.on('close', (code) => done({ code, out, err }));
    });

  it('ends with 1, and says why, while not all of that is projected', async () => {
    const ended = await Promise.all(
      [['states'], ['statements'], ['timeline'], ['timeline', '--location', id]].map((given) =>
        claimline('export', ...given, '--known-at', held),
      ),
    );
    for (const one of ended)
      expect(one).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining(`the read models do not have all that was recorded by ${held}`),
      });
    expect(await claimline('export', 'timeline', '--known-at', before)).toMatchObject({
      code: 0,
      out: expect.stringContaining('First'),
    });
    await letGo();
    await running.get(`/v1/locations/${id}?knownAt=${held}`);
    expect(await claimline('export', 'statements', '--known-at', held)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`Second ${number}`),
    });
  }, 120_000);
});
