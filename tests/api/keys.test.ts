import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AppModule } from '#apps/cli/src/app.module.js';
import { type IssuedKey, Keys, type Role } from '#libs/access';
import { createLogger, createPool, readSettings } from '#libs/platform';
import { startService } from '#modules/service';
import { valueOf } from '../support/opened-store.js';
import { type Answer, PLAIN, type Running, startRunning } from './running.js';

let running: Running;
let pool: pg.Pool;
let keys: Keys;
let logged = '';
const log = createLogger(
  'trace',
  new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  }),
);

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const create = async (...roles: Role[]): Promise<IssuedKey> =>
  valueOf(await keys.create({ name: roles.join(' and '), roles }));
const codeOf = ({ json }: Answer) => (json as { type: string }).type.split(':').at(-1);

/** Asks until the answer is as expected. */
async function until(ask: () => Promise<Answer>, holds: (answer: Answer) => boolean): Promise<Answer> {
  for (const end = Date.now() + 30_000; ; await sleep(20)) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`it is still ${answer.status}: ${answer.text}`);
  }
}
const untilStatus = (status: number, ask: () => Promise<Answer>) =>
  until(ask, (answer) => answer.status === status);

beforeEach(() => {
  logged = '';
});

describe('a service on a loopback address without a key', () => {
  beforeAll(async () => {
    running = await startRunning();
    pool = createPool(running.databaseUrl);
    keys = new Keys(pool);
  });
  afterAll(async () => {
    await pool.end();
    await running.stop();
  });

  it('is open but for keys, until there is one: that ends what is under way without a key, too', async () => {
    expect((await running.get('/readyz')).json).toEqual({ status: 'ready', open: 'everything' });
    await running.record();
    expect((await running.get('/metrics')).status).toBe(200);
    const refused = await running.send('POST', '/v1/keys', { name: 'Mine', roles: ['admin'] });
    expect([refused.status, codeOf(refused)]).toEqual([401, 'key-missing']);
    const stream = await fetch(`${running.url}/v1/stream`);

    const { key } = await create('read');
    const missing = await untilStatus(401, () => running.get('/v1/locations'));
    expect([codeOf(missing), missing.json.detail]).toEqual([
      'key-missing',
      'this needs a key with the role read, in the header Authorization: Bearer <key>',
    ]);
    expect((await running.send('POST', '/v1/statements', PLAIN)).status).toBe(401);
    expect((await running.get('/metrics')).status).toBe(401);
    expect((await running.get('/v1/locations', bearer(key))).status).toBe(200);
    // Its end, not a failure.
    expect(await stream.text()).toContain('id: ');
    expect((await running.get('/readyz')).json).toEqual({ status: 'ready', open: 'nothing' });
    expect((await running.get('/healthz')).status).toBe(200);
    expect((await running.get('/openapi.json')).status).toBe(200);
  });

  it('stays closed when its last key has ended', async () => {
    for (const { id } of await keys.list(10)) valueOf(await keys.revoke(id));
    await sleep(1500);
    expect((await running.get('/v1/locations')).status).toBe(401);
  });
});

describe('keys', () => {
  let admin: IssuedKey;
  beforeAll(async () => {
    running = await startRunning({}, log);
    pool = createPool(running.databaseUrl);
    keys = new Keys(pool);
    admin = await create('admin');
    await untilStatus(200, () => running.get('/v1/keys', bearer(admin.key)));
  });
  afterAll(async () => {
    await pool.end();
    await running.stop();
  });

  const manage = (method: string, path: string, body?: unknown) =>
    running.send(method, path, body, bearer(admin.key));

  it('are refused in the words of RFC 6750', async () => {
    const worker = await create('ingest');
    const challengeOf = ({ headers }: Answer) => headers.get('www-authenticate');
    await untilStatus(200, () => running.get('/v1/locations', bearer(worker.key)));
    const lacking = await running.send('POST', `/v1/statements/${admin.id}/void`, {}, bearer(worker.key));
    expect([lacking.status, codeOf(lacking), lacking.json.detail, challengeOf(lacking)]).toEqual([
      403,
      'role-missing',
      `this needs the role curate; the key ingest (${worker.id}) has ingest`,
      'Bearer realm="claimline", error="insufficient_scope", scope="curate"',
    ]);
    const unknown = await running.get('/v1/locations', bearer(`${worker.key.slice(0, -2)}AA`));
    expect([unknown.status, codeOf(unknown), challengeOf(unknown)]).toEqual([
      401,
      'key-unknown',
      'Bearer realm="claimline", error="invalid_token", error_description="no such key is known here"',
    ]);
    expect(challengeOf(await running.get('/v1/locations'))).toBe('Bearer realm="claimline"');
  });

  it('are made, listed, rotated and revoked by an admin', async () => {
    const made = await manage('POST', '/v1/keys', { name: 'Worker 7', roles: ['ingest', 'read', 'ingest'] });
    expect(made).toMatchObject({
      status: 201,
      json: {
        name: 'Worker 7',
        roles: ['read', 'ingest'],
        state: 'active',
        createdBy: `admin (${admin.id})`,
      },
    });
    const { id, key } = made.json as IssuedKey;
    const ask = (with_: string) => running.send('POST', '/v1/statements', PLAIN, bearer(with_));
    await until(
      () => ask(key),
      ({ status }) => status < 300,
    );
    const rotated = (await manage('POST', `/v1/keys/${id}/rotate`, { graceSeconds: 600 })).json as IssuedKey;
    expect(rotated).toMatchObject({ id, name: 'Worker 7', roles: ['read', 'ingest'] });
    await untilStatus(200, () => ask(rotated.key));
    expect((await ask(key)).status).toBe(200);
    const last = (await manage('POST', `/v1/keys/${id}/rotate`)).json as IssuedKey;
    await untilStatus(401, () => ask(key));
    await untilStatus(200, () => ask(last.key));

    const revoked = await manage('DELETE', `/v1/keys/${id}`);
    expect(revoked).toMatchObject({
      status: 200,
      json: { id, state: 'revoked', revokedBy: `admin (${admin.id})` },
    });
    expect((await manage('DELETE', `/v1/keys/${id}`)).json).toEqual(revoked.json);
    const ended = await untilStatus(401, () => ask(last.key));
    expect([codeOf(ended), ended.json.detail]).toEqual(['key-unknown', 'this key is revoked']);
    expect(codeOf(await manage('POST', `/v1/keys/${id}/rotate`))).toBe('key-ended');

    const listed: string[] = [];
    for (let cursor = ''; ;) {
      const page = await manage('GET', `/v1/keys?limit=1${cursor}`);
      expect(page.text).not.toContain('cl_');
      listed.push(...(page.json.items as { id: string }[]).map((one) => one.id));
      if (page.json.nextCursor === null) break;
      cursor = `&cursor=${page.json.nextCursor as string}`;
    }
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining([id, admin.id]));
  });

  it('name what is wrong with a request about them', async () => {
    const wrong = await manage('POST', '/v1/keys', { name: '', roles: ['root'], expiresAt: '90d' });
    expect([wrong.status, codeOf(wrong)]).toEqual([422, 'key-invalid']);
    expect((wrong.json.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
      '/name',
      '/roles/0',
      '/expiresAt',
    ]);
    expect((await manage('POST', '/v1/keys')).status).toBe(422);
    expect((await manage('POST', `/v1/keys/${admin.id}/rotate`, { graceSeconds: -1 })).status).toBe(422);
    for (const id of ['000000000000', 'nonsense', '%00'])
      expect([id, (await manage('DELETE', `/v1/keys/${id}`)).status]).toEqual([id, 404]);
    expect((await manage('GET', '/v1/keys?cursor=x')).status).toBe(422);
  });

  it('that are revoked end what is under way: a live stream, and an upload that has begun', async () => {
    const { id, key } = await create('read', 'ingest');
    await untilStatus(200, () => running.get('/v1/locations', bearer(key)));
    const stream = await fetch(`${running.url}/v1/stream`, { headers: bearer(key) });
    let send: ReadableStreamDefaultController<Uint8Array>;
    const upload = await fetch(`${running.url}/v1/statements?results=all`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', ...bearer(key) },
      body: new ReadableStream<Uint8Array>({
        start(controller) {
          send = controller;
          controller.enqueue(Buffer.from(`${JSON.stringify({ ...PLAIN, statedAt: '2025-11-03' })}\n`));
        },
      }),
      duplex: 'half',
    });
    expect(stream.status).toBe(200);
    valueOf(await keys.revoke(id));
    await stream.text();
    // An upload is cut off: what it goes on to send is read by nobody.
    await upload.text().catch(() => {});
    try {
      send!.close();
    } catch {
      // The request is gone already.
    }
    expect((await running.get('/v1/locations', bearer(key))).status).toBe(401);
  });

  it('work, and stop, in every process', async () => {
    const parts = ['projector'] as const;
    const settings = readSettings({ DATABASE_URL: running.databaseUrl, PORT: '0' });
    const other = await startRunning({ DATABASE_URL: running.databaseUrl });
    const projector = await startService(AppModule.of(parts), parts, settings, createLogger('silent'));
    try {
      const { id, key } = await create('operate');
      const metrics = async (headers = {}) => {
        const answer = await fetch(`${projector.url}/metrics`, { headers });
        return { status: answer.status, headers: answer.headers, text: await answer.text(), json: undefined };
      };
      await untilStatus(200, () => other.get('/v1/replays', bearer(key)));
      await untilStatus(200, () => metrics(bearer(key)));
      const refused = await metrics();
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="claimline"',
      ]);
      expect(refused.text).toContain('urn:claimline:problem:key-missing');
      expect((await metrics(bearer((await create('ingest')).key))).status).not.toBe(200);
      expect(await (await fetch(`${projector.url}/readyz`)).json()).toEqual({
        status: 'ready',
        open: 'nothing',
      });
      expect((await fetch(`${projector.url}/healthz`)).status).toBe(200);
      await manage('DELETE', `/v1/keys/${id}`);
      await untilStatus(401, () => other.get('/v1/replays', bearer(key)));
      await untilStatus(401, () => metrics(bearer(key)));
    } finally {
      await projector.stop();
      await other.stop();
    }
  });

  it('leave nothing of themselves in the log, in problems or in lists', async () => {
    const made = await manage('POST', '/v1/keys', { name: 'Quiet', roles: ['read'] });
    const { id, key } = made.json as IssuedKey;
    await untilStatus(200, () => running.get('/v1/locations', bearer(key)));
    const answers = [
      await running.get('/v1/locations', { authorization: key }),
      await running.get('/v1/locations', bearer(`${key}x`)),
      await running.get(`/v1/locations?key=${key}`, bearer(key)),
      await running.send('POST', '/v1/keys', '{', { 'content-type': 'application/json', ...bearer(key) }),
      await manage('GET', '/v1/keys'),
      await manage('DELETE', `/v1/keys/${id}`),
    ];
    const secret = key.slice(-43);
    expect(answers.filter(({ text }) => text.includes(secret))).toEqual([]);
    expect(logged).toContain('"path":"/v1/keys"');
    for (const one of [secret, admin.key.slice(-43)]) expect(logged).not.toContain(one);
  });
});

describe('OPEN', () => {
  afterEach(async () => {
    await pool.end();
    await running.stop();
  });
  const start = async (OPEN: string) => {
    running = await startRunning({ OPEN });
    pool = createPool(running.databaseUrl);
    keys = new Keys(pool);
  };

  it('read: everybody reads, and writing is by key', async () => {
    await start('read');
    expect((await running.get('/readyz')).json).toEqual({ status: 'ready', open: 'reading' });
    expect((await running.get('/v1/locations')).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/v1/statements'],
      ['POST', '/v1/locations'],
      ['GET', '/metrics'],
      ['GET', '/v1/replays'],
    ] as const)
      expect([path, (await running.send(method, path)).status]).toEqual([path, 401]);
    const { key } = await create('ingest');
    await untilStatus(201, () => running.send('POST', '/v1/statements', PLAIN, bearer(key)));
    expect((await running.get('/v1/locations')).status).toBe(200);
    expect((await running.get('/v1/locations', bearer('cl_of_yesterday'))).status).toBe(401);
  });

  it('all: everybody does everything but make keys, also where there are keys', async () => {
    await start('all');
    const { key } = await create('read');
    await untilStatus(200, () => running.get('/v1/locations', bearer(key)));
    expect((await running.get('/readyz')).json).toEqual({ status: 'ready', open: 'everything' });
    expect((await running.send('POST', '/v1/statements', PLAIN)).status).toBe(201);
    // A key takes nothing away from what is open.
    expect((await running.send('POST', '/v1/statements', PLAIN, bearer(key))).status).toBe(200);
    expect((await running.get('/v1/keys')).status).toBe(401);
    expect((await running.get('/v1/keys', bearer(key))).status).toBe(403);
  });
});

describe('while the database is away', () => {
  it('no key is taken for what it was, and each works again when it is back', async () => {
    running = await startRunning();
    pool = createPool(running.databaseUrl);
    keys = new Keys(pool);
    const { key } = await create('read', 'operate');
    await pool.end();
    const name = new URL(running.databaseUrl).pathname.slice(1);
    const admin = new pg.Client({ connectionString: running.databaseUrl.replace(name, 'postgres') });
    await admin.connect();
    try {
      await untilStatus(200, () => running.get('/v1/locations', bearer(key)));
      await admin.query(`alter database ${name} allow_connections false`);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      const away = await untilStatus(503, () => running.get('/v1/parties', bearer(key)));
      expect(codeOf(away)).toBe('store-unavailable');
      await sleep(1200);
      expect(codeOf(await running.get('/v1/parties', bearer(key)))).toBe('store-unavailable');
      expect(codeOf(await running.get('/v1/parties'))).toBe('store-unavailable');
      // Monitoring goes on, by the keys that were read last.
      expect((await running.get('/metrics', bearer(key))).status).toBe(200);
      expect((await running.get('/metrics')).status).toBe(401);
      expect((await running.get('/healthz')).status).toBe(200);
      await admin.query(`alter database ${name} allow_connections true`);
      await untilStatus(200, () => running.get('/v1/parties', bearer(key)));
    } finally {
      await admin.query(`alter database ${name} allow_connections true`);
      await admin.end();
      await running.stop();
    }
  }, 60_000);
});
