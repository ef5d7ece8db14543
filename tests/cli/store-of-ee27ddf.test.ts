import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { NotReady, type Serving, startService } from '../support/service.js';
import { logDatabase } from '../support/opened-store.js';

const MAIN = resolve('dist/apps/cli/src/main.js');
const DUMP = 'tests/cli/store-of-ee27ddf.sql';

// What the store holds: see the first lines of the dump.
const KUPIANSK = 'gn-703656';
const LYMAN = 'ccdec132-650c-57b3-9e35-ad378597f1e3';
/** Recorded by the name Seversk, and merged into Siversk. */
const SEVERSK = 'e0e0430e-b305-583f-bf99-3dc7a5398a10';
/** Recorded by a name with U+2018, which was not yet compared as an apostrophe. */
const SLOVIANSK = 'ec547032-41f2-53f9-a2d4-e748707f8d1b';
const EVENTS = 33;
const BEFORE_THE_VOIDS = '2026-11-28T22:27:53.481Z';
const BEFORE_THE_MERGE = '2026-11-28T22:27:56.750Z';
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

let database: TestDatabase;
let env: NodeJS.ProcessEnv;
let folder: string;
let serving: Serving | undefined;
/** What that version answered: the state of each place, and the history of each. */
let then: { states: { id: string }[]; history: { location: string; items: object[] }[] };

beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'old-store-'));
  database = await freshDatabase();
  env = { DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'warn', SHARDS: '4' };
  await query(readFileSync(DUMP, 'utf8'));
  const states = await query<{ state: { id: string } }>(
    'select state::json from read_models.location_state order by id',
  );
  const history = await query<{ location: string; items: object[] }>(
    `select location_id as location, json_agg(json_build_object(
       'status', status, 'rule', rule, 'holders', holders, 'eventId', event_id) order by "from") as items
     from read_models.state_history group by location_id`,
  );
  then = { states: states.map(({ state }) => state), history };
});
afterAll(async () => {
  serving?.signal('SIGTERM');
  await serving?.ended;
  await database?.drop();
});

async function query<T extends pg.QueryResultRow>(sql: string, url = database.url): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

function claimline(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH, ...env } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('close', (code) => done({ code, out, err }));
  });
}

async function ask<T = unknown>(method: string, path: string, body?: object): Promise<[number, T]> {
  const response = await fetch(`${serving!.url}/v1/${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return [response.status, (await response.json()) as T];
}

const get = async <T = unknown>(path: string): Promise<T> => {
  const [status, answer] = await ask<T>('GET', path);
  expect([path, status]).toEqual([path, 200]);
  return answer;
};

const start = async () => (serving = await startService({ env, logFile: join(folder, 'service.log') }));

/** Columns, constraints, indexes and triggers of the log, one a line, whatever the order of the columns. */
const SCHEMA = `
  select format('%s.%s %s collate %s default %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), case when a.attnotnull then ' not null' end) as line
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'claimline'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
  union all
  select format('%s %s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
  where connamespace = 'claimline'::regnamespace and contype <> 'n'
  union all
  select indexdef from pg_indexes where schemaname = 'claimline'
  union all
  select format('%s %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger
  where not tgisinternal and tgrelid = 'claimline.events'::regclass
  union all
  select format('migration %s', name) from claimline.log_migrations
  order by line`;

// One story: an operator replaces version ee27ddf with this one.
it('is not read as it is: verify changes nothing, and the service asks for a rebuild', async () => {
  expect(await claimline('verify')).toMatchObject({
    code: 1,
    err: expect.stringContaining('those of an older version of Claimline'),
  });
  expect(await query('select from claimline.log_migrations')).toHaveLength(5);
  await expect(start()).rejects.toMatchObject({
    constructor: NotReady,
    said: expect.stringContaining('run `claimline rebuild`'),
  });
}, 120_000);

it('is rebuilt, and has the tables of a new store', async () => {
  const rebuilt = await claimline('rebuild');
  expect(rebuilt).toMatchObject({ code: 0, out: expect.stringContaining(`${EVENTS} events`) });
  const fresh = await logDatabase();
  expect(await query(SCHEMA)).toEqual(await query(SCHEMA, fresh.url));
  await fresh.close();
}, 120_000);

it('has all events verified, and is still the same store', async () => {
  const [{ id }] = (await query<{ id: string }>('select id from claimline.store')) as [{ id: string }];
  expect(readFileSync(DUMP, 'utf8')).toContain(id);
  // The ruleset of this version is another one: its adoption, by whoever has rebuilt, is one event more.
  expect((await claimline('audit', '--type', 'operation.performed')).out).toMatch(
    /^\S+ ruleset\.adopted \S+ \(instead of \S+\) by .+ \(command line\)\n$/,
  );
  expect(await claimline('verify')).toEqual({
    code: 0,
    out: `${EVENTS + 1} events in 4 shards: all events verified\n`,
    err: expect.any(String),
  });
}, 120_000);

it('answers what it answered then', async () => {
  await start();
  const { items } = await get<{ items: object[] }>('locations');
  const { version } = JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')) as { version: string };
  expect(then.states).toHaveLength(6);
  expect(items).toMatchObject(then.states.map((state) => ({ ...state, rulesetVersion: version })));
  expect(then.history).toHaveLength(5);
  for (const { location, items } of then.history)
    expect(await get(`locations/${location}/history`)).toMatchObject({ items });
}, 120_000);

it('answers about the past, and shows what was voided and erased', async () => {
  expect(await get(`locations/${KUPIANSK}?asOf=2025-11-20`)).toMatchObject({
    status: 'claimed',
    control: [{ holder: 'russia' }],
    statements: 2,
  });
  expect(await get(`locations/${KUPIANSK}?knownAt=${BEFORE_THE_VOIDS}`)).toMatchObject({
    rule: 'contested/one-disputed',
    statements: 5,
  });
  expect(await get(`locations/siversk?knownAt=${BEFORE_THE_MERGE}`)).toMatchObject({
    status: 'claimed',
    merged: [],
  });
  const { items } = await get<{ items: { statementId: string }[] }>(`locations/${KUPIANSK}/timeline`);
  expect(items.map(({ statementId }) => statementId)).toEqual([9, 1, 2, 3, 7, 8].map(idOf));
  expect(items).toMatchObject([
    { voided: null },
    { source: { quote: 'An invented sentence: the town is ours.' } },
    { source: { quote: null, quoteErased: true } },
    {},
    { voided: { by: 'desk', reason: 'the speakers are swapped' } },
    { voided: { by: 'desk', reason: null } },
  ]);
  expect(await get(`statements/${idOf(5)}`)).toMatchObject({ retracted: { reason: 'taken back' } });
  expect(await get(`statements/${idOf(6)}`)).toMatchObject({ retracted: null });
  expect((await get<{ items: object[] }>('replays')).items).toMatchObject([
    { kind: 'rebuild', state: 'done' },
    { kind: 'publish', state: 'done' },
    { kind: 'rebuild', state: 'done' },
  ]);
}, 120_000);

it('knows what it recorded: repeats and voids of then change nothing', async () => {
  const repeat = {
    statementId: idOf(10),
    stance: 'assert',
    claim: { predicate: 'captured', actor: 'russia' },
    location: { name: 'Siversk', country: 'UA' },
    speaker: { name: 'A made-up spokesman of russia', party: 'russia' },
    statedAt: '2025-12-01',
  };
  expect(await ask('POST', 'statements', repeat)).toMatchObject([
    200,
    { duplicate: true, locationId: 'siversk' },
  ]);
  expect(await ask('POST', 'statements', { ...repeat, statedAt: '2025-12-02' })).toMatchObject([
    409,
    { type: 'urn:claimline:problem:statement-conflict' },
  ]);
  expect(
    await ask('POST', `statements/${idOf(7)}/void`, { by: 'desk', reason: 'the speakers are swapped' }),
  ).toMatchObject([200, { duplicate: true }]);
}, 120_000);

it('goes on: a statement, a retraction, a reinstatement and an unmerge are seen in the states', async () => {
  const after = async (place: string, [status, { token }]: [number, { token: string }]) => {
    expect([200, 201]).toContain(status);
    return get(`locations/${place}?after=${token}`);
  };
  const written = await ask<{ token: string }>('POST', 'statements', {
    stance: 'deny',
    claim: { predicate: 'controls', actor: 'ukraine' },
    // Another apostrophe: compared with the fold of today, it is the same name.
    location: { name: "Слов'янськ", country: 'UA' },
    speaker: { party: 'russia' },
    statedAt: '2025-12-05',
  });
  expect(written).toMatchObject([201, { locationId: SLOVIANSK, duplicate: false }]);
  expect(await after(SLOVIANSK, written)).toMatchObject({ status: 'contested', statements: 2 });
  const retraction = { speaker: { party: 'dnr' }, statedAt: '2025-12-06' };
  expect(await after(LYMAN, await ask('POST', `statements/${idOf(14)}/retract`, retraction))).toMatchObject({
    status: 'unclaimed',
  });
  expect(
    await after(KUPIANSK, await ask('DELETE', `statements/${idOf(8)}/void?reason=it+was+right`)),
  ).toMatchObject({ status: 'conceded', since: '2025-11-24T00:00:00.000Z' });
  expect(await after('siversk', await ask('DELETE', `locations/${SEVERSK}/merge`))).toMatchObject({
    status: 'claimed',
    merged: [],
  });
  serving!.signal('SIGTERM');
  await serving!.ended;
  expect(await claimline('verify')).toMatchObject({
    code: 0,
    out: expect.stringContaining('all events verified'),
  });
}, 120_000);
