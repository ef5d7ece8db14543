import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createPool } from '#libs/platform';
import { startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Two roles: one owns the tables, the other one may only use them.

const NAMES = ['owner', 'service'] as const;
type Role = (typeof NAMES)[number];

let database: TestDatabase;
let admin: pg.Pool;
let names: Record<Role, string>;
const before = process.env.DATABASE_URL;

const urlOf = (role: Role) =>
  Object.assign(new URL(database.url), { username: names[role], password: 'secret' }).href;

/** Runs the command line with a role. */
const as = (role: Role, ...args: string[]) => {
  process.env.DATABASE_URL = urlOf(role);
  return claimline(...args);
};

beforeEach(async () => {
  database = await freshDatabase();
  admin = createPool(database.url, { max: 2 });
  const ending = randomBytes(4).toString('hex');
  names = { owner: `Owner ${ending}`, service: `service_${ending}` };
  const name = new URL(database.url).pathname.slice(1);
  for (const role of NAMES) await admin.query(`create role "${names[role]}" login password 'secret'`);
  await admin.query(`grant create on database ${name} to "${names.owner}"`);
  await admin.query(`grant create on schema public to "${names.owner}"`);
});
afterEach(async () => {
  await admin.end();
  await database.drop();
  const last = await freshDatabase();
  const pool = createPool(last.url, { max: 1 });
  for (const role of NAMES) await pool.query(`drop role "${names[role]}"`);
  await pool.end();
  await last.drop();
});
afterAll(() => {
  if (before === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = before;
});

async function running<T>(role: Role, use: (service: Running) => Promise<T>): Promise<T> {
  const service = await startRunning({ DATABASE_URL: urlOf(role) });
  try {
    return await use(service);
  } finally {
    await service.stop();
  }
}

/** The run of a replay, once it has ended. */
async function untilEnded(service: Running, id: string): Promise<{ state: string; error: string | null }> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const { json } = await service.get(`/v1/replays/${id}`);
    if (!['waiting', 'running'].includes(json.state as string)) return json;
  }
  throw new Error(`run ${id} has not ended within 60 s`);
}

describe('claimline migrate', () => {
  it('makes all that the service needs, which then works with a role that may make nothing', async () => {
    await expect(running('service', async () => {})).rejects.toThrow(
      /pg_trgm cannot be created .*`claimline migrate` with a role that may/s,
    );
    expect(await as('owner', 'migrate', '--grant-to', names.service)).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`migrations ran; role ${names.service} may serve on them\\n$`)),
    });
    // A second time there is nothing to do.
    expect(await as('owner', 'migrate', '--grant-to', names.service, '--json')).toMatchObject({
      code: 0,
      out: `${JSON.stringify({ migrations: [], grantedTo: names.service })}\n`,
    });
    await running('service', async (service) => {
      const { json } = await service.record();
      const voided = await service.send('POST', `/v1/statements/${json.statementId}/void`, {
        by: 'curator',
        reason: 'a test',
      });
      expect(voided.status).toBe(201);
      const place = await service.send('POST', '/v1/locations', {
        names: [{ name: 'Izium' }],
        by: 'curator',
        reason: 'a test',
      });
      expect(place.status).toBe(201);
      expect((await service.get('/readyz')).json).toEqual({ status: 'ready', open: 'everything' });
      expect(await as('service', 'verify')).toMatchObject({ code: 0 });
      expect(await as('service', 'status')).toMatchObject({ code: 0 });
      expect(await as('service', 'export', 'states')).toMatchObject({ code: 0 });
      // What it may not do, it says at once.
      expect(await as('service', 'rebuild')).toMatchObject({
        code: 1,
        err: expect.stringContaining('may not create schemas'),
      });
      expect(await as('service', 'verify', '--models')).toMatchObject({
        code: 1,
        err: expect.stringContaining('may not create schemas'),
      });
      const run = await service.send('POST', '/v1/replays', { kind: 'rebuild' });
      expect(run.status).toBe(202);
      const ended = await untilEnded(service, run.json.replayId as string);
      expect(ended).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('may not create schemas'),
      });
      // The other role rebuilds beside it, and the service goes on with the new tables.
      expect(await as('owner', 'rebuild')).toMatchObject({ code: 0 });
      expect((await service.record({ location: { name: 'Lyman' } })).status).toBe(201);
      expect(await as('owner', 'verify', '--models')).toMatchObject({ code: 0 });
      expect((await service.get('/readyz')).json).toEqual({ status: 'ready', open: 'everything' });
    });
  }, 180_000);

  it('grants nothing by which the role could change an event or a table', async () => {
    expect(await as('owner', 'migrate', '--grant-to', names.service)).toMatchObject({ code: 0 });
    const pool = createPool(urlOf('service'), { max: 1 });
    for (const forbidden of [
      'update claimline.events set body = body',
      'delete from claimline.events',
      'truncate claimline.events',
      'drop table claimline.events',
      'alter table claimline.events disable trigger all',
      'delete from claimline.log_migrations',
      'create table claimline.another (n int)',
      'create schema another',
    ])
      await expect(pool.query(forbidden)).rejects.toMatchObject({ code: '42501' });
    await pool.end();
  }, 60_000);

  it('given a role that is not there, when an empty database is migrated for it, then nothing is made', async () => {
    expect(await as('owner', 'migrate', '--grant-to', 'nosuch')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no role "nosuch"'),
    });
    const { rows } = await admin.query("select from pg_namespace where nspname like 'claimline%'");
    expect(rows).toEqual([]);
  }, 60_000);

  it('names a role that is not there, and the role that lacks rights', async () => {
    expect(await as('owner', 'migrate', '--grant-to', 'nobody at all')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no role "nobody at all"'),
    });
    expect(await as('service', 'migrate')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /may not migrate this store \(permission denied.*use the role that owns its schemas/s,
      ),
    });
    await expect(running('service', async () => {})).rejects.toThrow(
      /may not make or change the tables of the log .*claimline migrate --grant-to/,
    );
  }, 60_000);
});
