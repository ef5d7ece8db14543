import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { EventStore, RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { createGeneration, Projector, rebuild, type Generation } from '#libs/projection';
import { Jobs } from '#libs/jobs';
import { digests, openDatabase } from '../support/generations.js';
import { ruleset } from '../support/test-log.js';
import { startRunning } from '../api/running.js';
import { Random } from '../support/random.js';
import { appendAll, openWithPlaces } from './loaded.js';

const MAIN = resolve('dist/apps/cli/src/main.js');
const PLACES = 300;
const STATEMENTS = 4000;

let pool: pg.Pool;
let url: string;
let close: () => Promise<void>;
let store: EventStore;
let generation: Generation;
beforeAll(async () => {
  ({ pool, url, close } = await openDatabase());
  ({ store } = await openWithPlaces(pool, PLACES));
  await appendAll(store, STATEMENTS, PLACES, 'killed');
  await new RulesetStore(pool).remember(ruleset.file);
  generation = await createGeneration(pool, ruleset);
  await rebuild(pool, store, ruleset);
}, 120_000);
afterAll(() => close());

interface Command {
  child: ChildProcess;
  ended: Promise<{ code: number | null; out: string }>;
}

function claimline(...args: string[]): Command {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: url },
    cwd: process.env.CLAIMLINE_TEST_TMP!,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (out += String(chunk)));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out })) };
}

const shadows = async () =>
  (
    await pool.query<{ nspname: string }>(
      `select nspname from pg_namespace where nspname like 'read_models_%'`,
    )
  ).rows.map(({ nspname }) => nspname);

/** Waits until a shadow generation is there, or the command has ended. */
async function untilShadow({ child }: Command): Promise<void> {
  while (child.exitCode === null && (await shadows()).length === 0) await sleep(5);
}

describe('a rebuild whose process dies', () => {
  it('leaves what is read untouched, at whatever moment; the next one starts clean', async () => {
    const random = new Random(11);
    const before = await digests(pool, generation);
    let cutOff = 0;
    for (let n = 0; n < 4; n++) {
      const command = claimline('rebuild');
      await untilShadow(command);
      await sleep(random.int(0, 900));
      command.child.kill('SIGKILL');
      await command.ended;
      if ((await shadows()).length > 0) cutOff += 1;
      expect(await digests(pool, generation)).toEqual(before);
    }
    expect(cutOff).toBeGreaterThan(0);
    const { code, out } = await claimline('rebuild').ended;
    expect(out).toContain('the same as before, row by row');
    expect(code).toBe(0);
    expect(await shadows()).toEqual([]);
    expect(await digests(pool, generation)).toEqual(before);
  }, 120_000);

  it('is resumed by a service', async () => {
    const command = claimline('rebuild');
    await untilShadow(command);
    command.child.kill('SIGKILL');
    await command.ended;
    const jobs = new Jobs(pool);
    expect((await jobs.open()).length).toBeGreaterThan(0);
    const running = await startRunning({ DATABASE_URL: url });
    for (let tries = 0; tries < 600 && (await jobs.open()).length > 0; tries++) await sleep(100);
    expect(await jobs.open()).toEqual([]);
    const { items } = (await running.get('/v1/replays')).json;
    expect(items[0]).toMatchObject({ kind: 'rebuild', state: 'done', result: { differing: [] } });
    expect(await shadows()).toEqual([]);
    await running.stop();
  }, 120_000);
});

describe('claimline rebuild', () => {
  it('is cancelled by Ctrl-C, without a trace', async () => {
    const before = await digests(pool, generation);
    const command = claimline('rebuild');
    await untilShadow(command);
    command.child.kill('SIGINT');
    const { code, out } = await command.ended;
    expect(out).toContain('cancelled: the read models are unchanged');
    expect(code).toBe(130);
    expect(await shadows()).toEqual([]);
    expect(await digests(pool, generation)).toEqual(before);
    expect(await new Jobs(pool).open()).toEqual([]);
  }, 60_000);

  it('waits for another one', async () => {
    const another = await pool.connect();
    await another.query(`select pg_advisory_lock(hashtext('claimline.replay.kind'), hashtext('rebuild'))`);
    const waiting = claimline('rebuild');
    for (let said = ''; !said.includes('waiting');)
      said += String(((await once(waiting.child.stderr!, 'data')) as [Buffer])[0]);
    expect(await shadows()).toEqual([]);
    another.release(true);
    const { code, out } = await waiting.ended;
    expect(out).toMatch(/another rebuild is under way; waiting for it[^]*the same as before/);
    expect(code).toBe(0);
  }, 60_000);

  it('shows what another ruleset would change, changes nothing; then adopts it', async () => {
    const before = await digests(pool, generation);
    const file = join(process.env.CLAIMLINE_TEST_TMP!, 'one-side.json');
    // If all parties are of one side, nothing is contested.
    const { sides, parties } = JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')) as {
      sides: { id: string }[];
      parties: { id: string; side: string }[];
    };
    const joint = {
      version: 'one-side',
      sides: [{ id: 'all', name: 'All' }],
      parties: [...new Set([...sides, ...parties].map(({ id }) => id))].map((id) => ({ id, side: 'all' })),
    };
    writeFileSync(file, JSON.stringify(joint));
    const compared = await claimline('rebuild', '--ruleset', file, '--compare').ended;
    expect(compared.code).toBe(0);
    const said = compared.out
      .split('\n')
      .flatMap((line) => /^(\S+) .*: (\w+) -> (\w+)$/.exec(line)?.slice(1, 4).join(' ') ?? []);
    expect(compared.out).toContain(
      `${said.length} places would change their status from ruleset ${ruleset.version} to one-side`,
    );
    expect(said.length).toBeGreaterThan(10);
    expect(await digests(pool, generation)).toEqual(before);
    expect(await shadows()).toEqual([]);

    const statuses = async () =>
      new Map(
        (
          await pool.query<{ id: string; status: string }>(
            `select id, state::json->>'status' as status from read_models.location_state`,
          )
        ).rows.map(({ id, status }) => [id, status]),
      );
    const was = await statuses();
    const adopted = await claimline('rebuild', '--ruleset', file).ended;
    expect(adopted).toMatchObject({ code: 0, out: expect.stringContaining('ruleset one-side') });
    const is = await statuses();
    expect(
      [...is]
        .filter(([id, status]) => was.get(id) !== status)
        .map(([id, status]) => `${id} ${was.get(id)} ${status}`)
        .sort(),
    ).toEqual(said.sort());
  }, 90_000);
});

describe('claimline verify --models', () => {
  it('finds each row that differs from a fold of the log, and a rebuild repairs it', async () => {
    expect(await claimline('verify', '--models').ended).toMatchObject({
      code: 0,
      out: expect.stringContaining('the read models match'),
    });
    const ids = (
      await pool.query<{ id: string }>('select id from read_models.location_state order by id limit 2')
    ).rows.map(({ id }) => id);
    await pool.query(
      `update read_models.location_state set state = replace(state, 'claimed', 'conceded') || ' ' where id = $1`,
      [ids[0]],
    );
    await pool.query(`delete from read_models.state_history where location_id = $1`, [ids[1]]);
    const { rows } = await pool.query<{ id: string }>(
      `delete from read_models.timeline
       where statement_id = (select min(statement_id::text)::uuid from read_models.timeline) returning statement_id as id`,
    );
    const { code, out } = await claimline('verify', '--models').ended;
    expect(code).toBe(1);
    expect(out).toContain(`location_state ${ids[0]} differs`);
    expect(out).toMatch(new RegExp(`state_history ${ids[1]} from .* is missing`));
    expect(out).toContain(`timeline ${rows[0]!.id} is missing`);
    const mended = await claimline(
      'rebuild',
      '--ruleset',
      join(process.env.CLAIMLINE_TEST_TMP!, 'one-side.json'),
    ).ended;
    expect(mended.out).toContain('different from before: timeline, location_state, state_history');
    expect((await claimline('verify', '--models').ended).code).toBe(0);
    expect(await shadows()).toEqual([]);
  }, 90_000);

  it('works where projection continues', async () => {
    const own = createPool(url, { max: 6 });
    const kept = new RulesetStore(own);
    const projector = new Projector(own, store, {
      schema: 'read_models',
      ruleset: await kept.ruleset('one-side'),
    });
    let going = true;
    const writing = (async () => {
      for (let n = 0; going; n++) await appendAll(store, 40, PLACES, `more ${n}`);
    })();
    const projecting = (async () => {
      while (going) {
        const reached = await projector.checkpoints();
        const pages = await Promise.all(
          (await store.heads()).map(({ shard }) => store.readShard(shard, reached.get(shard) ?? 0, 100)),
        );
        await projector.handle(pages.flat());
      }
    })();
    const { code, out } = await claimline('verify', '--models').ended;
    going = false;
    await Promise.all([writing, projecting]);
    await own.end();
    expect(out).toContain('the read models match');
    expect(code).toBe(0);
  }, 60_000);
});
