import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '../support/generations.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { startService, type Serving } from '../support/service.js';
import { appendAll, openWithPlaces } from './loaded.js';

const PLACES = 300;
const STATEMENTS = 8000;

let database: Awaited<ReturnType<typeof openDatabase>>;
let serving: Serving | undefined;

beforeAll(async () => {
  database = await openDatabase();
  const { store } = await openWithPlaces(database.pool, PLACES);
  await appendAll(store, STATEMENTS, PLACES, 'run-process');
}, 60_000);
afterAll(async () => {
  serving?.signal('SIGKILL');
  await serving?.ended;
  await database.close();
});

let served = 0;
async function start(): Promise<Serving> {
  served += 1;
  serving = await startService({
    env: { DATABASE_URL: database.url, PORT: '0', PROJECTOR_PROCESS: 'true' },
    logFile: join(process.env.CLAIMLINE_TEST_TMP!, `run-process-${served}.log`),
  });
  return serving;
}

// The answers are untyped, as for a client.
// oxlint-disable-next-line no-explicit-any
const json = async (path: string, method = 'GET', body?: object): Promise<any> =>
  (
    await fetch(`${serving!.url}/v1/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  ).json();

async function until<T>(look: () => T | Promise<T>, holds: (seen: T) => boolean, ms = 30_000): Promise<T> {
  for (const end = Date.now() + ms; ; await sleep(20)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > end) throw new Error(`not in ${ms} ms; last seen: ${JSON.stringify(seen)}`);
  }
}

const ask = async () =>
  ((await json('replays', 'POST', { kind: 'rebuild' })) as { replayId: string }).replayId;
const shadows = async () =>
  (await database.pool.query(`select nspname from pg_namespace where nspname = 'read_models_next'`))
    .rowCount!;

/** The processes that do runs: children of the projector, which is a child of the service. */
const workersOf = (pid: number) => childrenOf(pid).flatMap(childrenOf);

test('a run whose process is killed is resumed, while its service continues', async () => {
  const { pid } = await start();
  const id = await ask();
  await until(shadows, (count) => count > 0);
  const [worker] = workersOf(pid);
  process.kill(worker!, 'SIGKILL');
  expect((await fetch(`${serving!.url}/v1/locations?limit=1`)).status).toBe(200);
  const run = await until(
    () => json(`replays/${id}`),
    ({ endedAt }) => endedAt !== null,
  );
  expect(run).toMatchObject({ state: 'done', result: { differing: [] } });
  expect(await shadows()).toBe(0);
  expect(readFileSync(join(process.env.CLAIMLINE_TEST_TMP!, 'run-process-1.log'), 'utf8')).toContain(
    'the process of replays ended by SIGKILL',
  );
  // It ends when it has nothing to do.
  await until(
    () => workersOf(pid),
    (children) => children.length === 0,
  );
}, 90_000);

test('a service that stops releases its run; one that is killed leaves no process behind; the next ends the run', async () => {
  const id = await ask();
  await until(shadows, (count) => count > 0);
  const [first] = workersOf(serving!.pid);
  serving!.signal('SIGTERM');
  expect(await serving!.ended).toEqual({ code: 0, signal: null });
  expect([isRunning(first!), await shadows()]).toEqual([false, 0]);

  await start();
  expect(await json(`replays/${id}`)).toMatchObject({ endedAt: null });
  await until(shadows, (count) => count > 0);
  const [second] = workersOf(serving!.pid);
  serving!.signal('SIGKILL');
  await until(
    () => isRunning(second!),
    (still) => !still,
    5000,
  );

  await start();
  const run = await until(
    () => json(`replays/${id}`),
    ({ endedAt }) => endedAt !== null,
  );
  expect(run).toMatchObject({ state: 'done', result: { differing: [] } });
  expect(await shadows()).toBe(0);
}, 90_000);
