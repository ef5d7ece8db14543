import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  EventStore,
  firstLink,
  linkOf,
  migrate,
  prepareEvent,
  RulesetStore,
  type AppendReport,
  type EventToAppend,
} from '#libs/log';
import { LOG_CHANNEL } from '#libs/platform';
import { verify } from '#libs/transparency';
import { canonicalJson, sha256, type NewEvent } from '#libs/domain';
import { freshDatabase } from '../../../tests/support/database.js';
import {
  all,
  claim,
  logDatabase,
  openStore,
  registration,
  valueOf,
} from '../../../tests/support/opened-store.js';
import { storeContract } from './store-contract.js';

storeContract('PostgreSQL', openStore);

let database: Awaited<ReturnType<typeof logDatabase>>;
let pool: pg.Pool;
const reports: AppendReport[] = [];
beforeAll(async () => {
  database = await logDatabase();
  pool = database.pool;
});
afterAll(() => database.close());
const open = (options = {}) =>
  EventStore.open(pool, { shards: 16, onAppend: (report) => reports.push(report), ...options });

test('is made once, though several open it at the same time, and never opened with another number of shards', async () => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => open()));
  expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
  expect(await stores[0]!.heads()).toMatchObject(
    Array.from({ length: 16 }, (_, shard) => ({ shard, position: 0, recordedAt: null })),
  );
  await expect(open({ shards: 8 })).rejects.toThrow(
    'this store was made with 16 shards and cannot be opened with 8: set SHARDS=16',
  );
  await expect(open({ shards: 0 })).rejects.toThrow('SHARDS must be');
});

test('migrates once, though several processes start at the same time', async () => {
  const empty = await freshDatabase();
  await Promise.all([migrate(empty.url), migrate(empty.url), migrate(empty.url)]);
  await expect(migrate(empty.url)).resolves.toBeUndefined();
  await empty.drop();
});

test('digest and chain are what the design says', async () => {
  const store = await open();
  const candidate = claim('place-of-the-chain');
  const { shard, position } = valueOf((await store.append([candidate]))[0]);
  const [row] = await store.readStored(shard, position - 1, 1);
  expect(row!.body).toBe(canonicalJson(candidate.event));
  expect(row!.digest).toBe(sha256(canonicalJson(candidate.event)).toString('hex'));
  expect(row!.chain).toBe(
    linkOf(firstLink(store.id, shard), { shard, position, recordedAt: row!.recordedAt, digest: row!.digest }),
  );
});

test('an append under another version of the register records nothing', async () => {
  const store = await open();
  const version = await store.registerVersion();
  const prepared = () => [prepareEvent(claim('versioned'), 16)];
  expect(await store.appendPrepared(prepared(), version)).toMatchObject([{ ok: true }]);
  await store.append([registration('versioned')]);
  const before = await store.heads();
  const [candidate] = prepared();
  expect(await store.appendPrepared([candidate!], version)).toBeUndefined();
  expect(await store.heads()).toEqual(before);
  expect(await store.originals([candidate!.id!.id])).toEqual(new Map());
  expect(await store.appendPrepared([candidate!], await store.registerVersion())).toMatchObject([
    { ok: true },
  ]);
});

test('events with and without ids of statements go in one append, and what belongs to known ones is not written', async () => {
  const store = await open();
  const known = { ...claim('mixed'), quote: { salt: 's', quote: 'first' } };
  await store.append([known]);
  const again = {
    ...known,
    event: { ...known.event, stream: 'elsewhere' },
    provisional: true,
  } as EventToAppend;
  const quoted = { ...claim('mixed-new'), quote: { salt: 't', quote: 'second' }, provisional: true };
  const answers = await store.append([registration('mixed'), again, quoted]);
  expect(answers.map((answer) => valueOf(answer).duplicate)).toEqual([false, true, false]);
  const { rows } = await pool.query(
    'select salt, quote from claimline.quotes where id = any($1) order by salt',
    [[known.id.id, quoted.id.id]],
  );
  expect(rows).toEqual([known.quote, quoted.quote]);
  const places = await pool.query(`select id from claimline.places where id in ('elsewhere', 'mixed-new')`);
  expect(places.rows).toEqual([{ id: 'mixed-new' }]);
  expect((await verify(store)).faults).toEqual([]);
});

test('recordedAt never goes back within a shard, whatever the clock does', async () => {
  const times = ['2031-05-01T00:00:00.005Z', '2031-05-01T00:00:00.000Z', '2031-05-01T00:00:01.000Z'];
  const store = await open({ clock: () => times.shift()! });
  const receipts = [];
  for (let n = 0; n < 3; n++) receipts.push(valueOf((await store.append([claim('slow-clock')]))[0]));
  expect(receipts.map(({ recordedAt }) => recordedAt)).toEqual([
    '2031-05-01T00:00:00.005Z',
    '2031-05-01T00:00:00.005Z',
    '2031-05-01T00:00:01.000Z',
  ]);
});

test('reports what an append did', async () => {
  const store = await open();
  const again = claim('reported');
  reports.length = 0;
  await store.append([again, claim('reported'), again]);
  expect(reports).toEqual([{ events: 2, duplicates: 1, seconds: expect.any(Number) }]);
});

test('announces appends, few for many', async () => {
  const listener = new pg.Client({ connectionString: database.url });
  await listener.connect();
  await listener.query(`listen ${LOG_CHANNEL}`);
  const heard: number[] = [];
  listener.on('notification', () => heard.push(Date.now()));
  const store = await open();
  const started = performance.now();
  for (let n = 0; n < 50; n++) await store.append([claim('loud')]);
  const passed = performance.now() - started;
  for (let n = 0; n < 100 && heard.length < 2; n++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(heard.length).toBeGreaterThanOrEqual(2);
  expect(heard.length).toBeLessThanOrEqual(passed / 4 + 3);
  await listener.end();
});

test('an event of an old version is read in the new one; what is stored stays as it was', async () => {
  // In this example, a claim before version 1 had its actor beside it, as `who`.
  const store = await open({
    upcasters: {
      'claim.asserted': {
        0: ({ who, claim, ...rest }: { who: string; claim: object }) => ({
          ...rest,
          claim: { ...claim, actor: who },
        }),
      },
    },
  });
  const candidate = claim('upcast');
  const { claim: now, ...rest } = candidate.event.data as { claim: { actor: string } };
  const { actor: who, ...bare } = now;
  const old = {
    ...candidate.event,
    schemaVersion: 0,
    data: { ...rest, claim: bare, who },
  } as unknown as NewEvent;
  const { shard, position } = valueOf((await store.append([{ ...candidate, event: old }]))[0]);
  expect(await store.find(old.eventId)).toMatchObject({ ...candidate.event, schemaVersion: 1 });
  expect((await store.readStored(shard, position - 1, 1))[0]!.body).toBe(canonicalJson(old));
  const plain = await open();
  await expect(plain.find(old.eventId)).rejects.toThrow('schema version 0');
  expect((await verify(store)).faults).toEqual([]);
  expect((await all(store.readAll())).find(({ eventId }) => eventId === old.eventId)).toMatchObject({
    data: { claim: { actor: 'russia' } },
  });
});

test('a lost connection is an error, the next append works, and sending all again doubles nothing', async () => {
  const store = await open();
  const candidates = [claim('cut-off'), claim('cut-off')];
  const cut = store.appendDeciding([store.shardOf('cut-off')], async (transaction) => {
    await transaction.append(candidates);
    await pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = $1',
      ['idle in transaction'],
    );
    await transaction.append([claim('cut-off')]);
  });
  await expect(cut).rejects.toThrow(/terminat|connection|ECONNRESET|EPIPE/i);
  expect(await store.readStream('cut-off', 0, 10)).toEqual([]);
  expect((await store.append(candidates)).map(valueOf)).toMatchObject([
    { duplicate: false },
    { duplicate: false },
  ]);
});

test('rulesets: a version means one content for ever', async () => {
  const rulesets = new RulesetStore(pool);
  const file = {
    version: '2025-11-1',
    sides: [{ id: 'russia', name: 'Russia', belligerent: true }],
    parties: [],
  };
  await Promise.all([rulesets.remember(file), rulesets.remember(file)]);
  expect(await rulesets.load(file.version)).toEqual(file);
  expect(await rulesets.load(randomUUID())).toBeUndefined();
  await expect(rulesets.remember({ ...file, sides: [] })).rejects.toThrow(
    'ruleset 2025-11-1 was used before with other content',
  );
  expect(await rulesets.load(file.version)).toEqual(file);
});
