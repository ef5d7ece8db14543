import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { EventStore, migrate } from '#libs/log';
import { createPool } from '#libs/platform';
import { startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { claim } from '../support/opened-store.js';

// The last event was recorded while the clock of the database was far ahead.

let database: TestDatabase;
let running: Running;
const before = process.env.DATABASE_URL;
beforeAll(async () => {
  database = await freshDatabase(migrate, 'log');
  const pool = createPool(database.url, { max: 2 });
  const store = await EventStore.open(pool, { shards: 16, clock: () => '2099-01-01T00:00:00.000Z' });
  await store.append([claim('gn-1')]);
  await pool.end();
  running = await startRunning({ DATABASE_URL: database.url });
  process.env.DATABASE_URL = database.url;
}, 60_000);
afterAll(async () => {
  if (before === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = before;
  await running?.stop();
  await database?.drop();
});

const WARNING = expect.stringMatching(/^the database's clock .* is behind the newest event by \d+ days/);

it('a clock behind the log is a warning in /readyz and in the status, and nothing stops for it', async () => {
  // Not ready before the read models have what the log had at the start.
  let answer = await running.get('/readyz');
  for (const deadline = Date.now() + 30_000; answer.status !== 200 && Date.now() < deadline; await sleep(50))
    answer = await running.get('/readyz');
  const { status, json } = answer;
  expect({ status, json }).toEqual({
    status: 200,
    json: { status: 'ready', open: 'everything', warnings: [WARNING] },
  });
  const told = await claimline('status', '--json');
  expect(JSON.parse(told.out)).toMatchObject({ warnings: [WARNING] });
  expect((await claimline('status')).out).toMatch(/^warning: the database's clock /m);
  expect((await running.record()).status).toBe(201);
}, 60_000);
