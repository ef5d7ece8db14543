import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { checkServer, createPool } from '#libs/platform';
import { startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { describePgBouncer, startPgBouncer, type Pooler } from '../support/pgbouncer.js';
import { startService } from '../support/service.js';

describePgBouncer('behind PgBouncer', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await freshDatabase()));
  afterAll(() => database.drop());

  /** Runs something behind PgBouncer. */
  async function behind<T>(
    mode: Parameters<typeof startPgBouncer>[1],
    run: (pooler: Pooler) => Promise<T>,
    options?: readonly string[],
  ): Promise<T> {
    const pooler = await startPgBouncer(database.url, mode, options);
    try {
      return await run(pooler);
    } finally {
      await pooler.stop();
    }
  }

  const REFUSAL = /connections are pooled by transaction or statement .*: set pool_mode = session/;

  it.each<[string, 'transaction' | 'statement', string[]]>([
    ['transaction', 'transaction', []],
    ['transaction, each on the next connection', 'transaction', ['server_round_robin = 1']],
    [
      'transaction, all on one connection',
      'transaction',
      ['default_pool_size = 1', 'query_wait_timeout = 5'],
    ],
    ['statement', 'statement', []],
  ])(
    'a pool by %s is refused',
    async (_name, mode, options) => {
      await behind(
        mode,
        async ({ url }) => {
          // Other clients have used connections before.
          const others = createPool(url, { max: options.length > 1 ? 1 : 3 });
          await Promise.all([1, 2, 3].map(() => others.query('select 1')));
          const pool = createPool(url);
          await expect(checkServer(pool)).rejects.toThrow(REFUSAL);
          await Promise.all([pool.end(), others.end()]);
        },
        options,
      );
    },
    60_000,
  );

  it('the service does not start where transactions are pooled, and says in one line why', async () => {
    const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'pooled-'));
    await behind('transaction', async ({ url }) => {
      const env = { DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'silent', PROJECTOR_PROCESS: 'false' };
      await expect(startService({ env, logFile: join(folder, 'log') })).rejects.toThrow(REFUSAL);
    });
    const pool = createPool(database.url, { max: 1 });
    expect((await pool.query(`select from pg_namespace where nspname = 'claimline'`)).rowCount).toBe(0);
    await pool.end();
  }, 120_000);

  it('no verb works on a store where transactions are pooled; each says the same', async () => {
    const own = await freshDatabase();
    process.env.DATABASE_URL = own.url;
    const examples = 'examples/statements.ndjson';
    expect(await claimline('import', examples)).toMatchObject({ code: 0 });
    expect(await claimline('rebuild')).toMatchObject({ code: 0 });
    const verbs = [
      ['rebuild'],
      ['rebuild', '--compare'],
      ['verify'],
      ['verify', '--models'],
      ['import', examples],
      ['export', 'states'],
      ['export', 'log'],
      ['status'],
      ['migrate'],
      ['restore', examples],
      ['keys', 'list'],
      ['audit'],
      ['epoch', 'list'],
      ['checkpoint', 'export'],
      ['replay', '--out', '-'],
    ];
    const ended: unknown[] = [];
    const pooler = await startPgBouncer(own.url, 'transaction');
    process.env.DATABASE_URL = pooler.url;
    for (const verb of verbs) ended.push([verb, await claimline(...verb)]);
    delete process.env.DATABASE_URL;
    await pooler.stop();
    await own.drop();
    const refused = { code: 1, out: '', err: expect.stringMatching(REFUSAL) };
    expect(ended).toEqual(verbs.map((verb) => [verb, refused]));
  }, 120_000);

  it('a connection without a pooler is none', async () => {
    const pool = createPool(database.url);
    await expect(checkServer(pool)).resolves.toBeDefined();
    await pool.end();
  });

  it('everything works where sessions are pooled: notifications, locks, a rebuild', async () => {
    await behind('session', async ({ url }) => {
      let running: Running | undefined;
      const before = process.env.DATABASE_URL;
      try {
        running = await startRunning({ DATABASE_URL: url });
        const { json } = await running.record();
        await running.record({ location: { name: 'Izium' } });
        expect((await running.get(`/v1/locations/${json.locationId}`)).json.statements).toBe(1);
        const voided = await running.send('POST', `/v1/statements/${json.statementId}/void`, {
          by: 'curator',
          reason: 'a test',
        });
        expect(voided.status).toBe(201);
        process.env.DATABASE_URL = url;
        expect(await claimline('rebuild')).toMatchObject({ code: 0 });
        expect(await claimline('verify', '--models')).toMatchObject({ code: 0 });
        expect(await claimline('verify')).toMatchObject({ code: 0 });
        expect((await running.record({ location: { name: 'Lyman' } })).status).toBe(201);
        expect((await running.get('/readyz')).json).toEqual({ status: 'ready', open: 'everything' });
      } finally {
        if (before === undefined) delete process.env.DATABASE_URL;
        else process.env.DATABASE_URL = before;
        await running?.stop();
      }
    });
  }, 180_000);
});

it('a check of the server that has one connection only passes without a pooler', async () => {
  const database = await freshDatabase();
  const pool = createPool(database.url, { max: 1 });
  await expect(checkServer(pool)).resolves.toBeDefined();
  await pool.end();
  await database.drop();
});
