import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseSetCookie, type SetCookie } from 'cookie';
import { KeyRing, Keys } from '#libs/access';
import { fixedKey, addKey, startWithKey } from '../support/key-holders.js';
import type { Answer, Running } from './running.js';

const CURATOR = fixedKey('c0ffee000001', 'Desk', ['curate']);
const KEY = CURATOR.key;

let running: Running;
beforeAll(async () => {
  running = await startWithKey(CURATOR);
});
afterAll(() => running.stop());

const signIn = (key: unknown, headers?: Record<string, string>, at = running) =>
  at.send('POST', '/v1/session', { key }, headers);
const cookiesOf = ({ headers }: Answer): SetCookie[] =>
  headers.getSetCookie().map((one) => parseSetCookie(one));
const sent = ({ name, value }: SetCookie) => ({
  cookie: `${name}=${value}`,
  'sec-fetch-site': 'same-origin',
});
const whoIs = async (headers: Record<string, string>, at = running) =>
  (await at.get('/v1/session', headers)).json;

/** Asks until it is so. @throws Error after half a minute */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
    await sleep(50);
  }
}

describe('POST /v1/session', () => {
  it('exchanges a key for a cookie that no script can read and no other site can send', async () => {
    const answer = await signIn(KEY);
    expect(answer).toMatchObject({
      status: 201,
      json: {
        kind: 'session',
        id: CURATOR.id,
        name: 'Desk',
        roles: ['curate'],
        expiresAt: expect.stringMatching(/Z$/),
        oidc: false,
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const cookies = cookiesOf(answer);
    expect(cookies).toEqual([
      {
        name: 'claimline-session',
        value: expect.stringMatching(/^[\w-]{43}$/),
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        maxAge: 12 * 3600,
      },
    ]);
    expect(answer.text).not.toContain(cookies[0]!.value);
    expect(await whoIs(sent(cookies[0]!))).toEqual(answer.json);
  });

  it('ends the session that the browser had', async () => {
    const [first] = cookiesOf(await signIn(KEY));
    const [second] = cookiesOf(await signIn(KEY, sent(first!)));
    expect(second!.value).not.toBe(first!.value);
    expect(await whoIs(sent(first!))).toMatchObject({ kind: 'anyone' });
    expect(await whoIs(sent(second!))).toMatchObject({ kind: 'session' });
  });

  it('refuses a key that is not known, and does not repeat it', async () => {
    for (const key of ['some other key', `${KEY}x`, 'x'.repeat(500)]) {
      const answer = await signIn(key);
      expect(answer).toMatchObject({ status: 401, json: { type: 'urn:claimline:problem:key-unknown' } });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      expect(answer.text).not.toContain(key);
      expect(cookiesOf(answer)).toEqual([]);
    }
  });

  it('names what is wrong with a body', async () => {
    for (const [body, pointer] of [
      [{}, '/key'],
      [{ key: 7 }, '/key'],
      [{ key: ' ' }, '/key'],
      [{ key: 'x'.repeat(501) }, '/key'],
      [{ key: KEY, more: 1 }, '/more'],
      ['[]', ''],
      ['null', ''],
    ] as const)
      expect([body, await running.send('POST', '/v1/session', body)]).toMatchObject([
        body,
        { status: 422, json: { type: 'urn:claimline:problem:session-invalid', errors: [{ pointer }] } },
      ]);
    expect(await running.send('POST', '/v1/session')).toMatchObject({ status: 422 });
    expect(
      await running.send('POST', '/v1/session', `key=${KEY}`, {
        'content-type': 'application/x-www-form-urlencoded',
      }),
    ).toMatchObject({ status: 415 });
  });
});

describe('GET /v1/session', () => {
  it('says who sends a request with a key, with a cookie, and with neither', async () => {
    expect(await whoIs({ authorization: `Bearer ${KEY}` })).toMatchObject({
      kind: 'key',
      id: CURATOR.id,
      expiresAt: null,
    });
    expect(await whoIs(sent(cookiesOf(await signIn(KEY))[0]!))).toMatchObject({
      kind: 'session',
      id: CURATOR.id,
    });
    expect(await whoIs({})).toMatchObject({ kind: 'anyone', id: null, name: null, expiresAt: null });
  });

  it('refuses a key that does not work, as every other request', async () => {
    const ended = fixedKey('c0ffee000003', 'Former', ['read']);
    await addKey(running, ended);
    await running.service.app.get(Keys).revoke(ended.id);
    await running.service.app.get(KeyRing).refresh();
    const cookie = sent(cookiesOf(await signIn(KEY))[0]!);
    for (const [authorization, code] of [
      ['Bearer some other key', 'key-unknown'],
      [`Bearer ${KEY}x`, 'key-unknown'],
      [`Bearer ${ended.key}`, 'key-unknown'],
      ['bearer  x ', 'key-unknown'],
      // No key.
      ['Basic YTpi', undefined],
      ['Bearer', undefined],
    ] as const)
      for (const path of ['/v1/session', '/v1/parties'])
        for (const more of [{}, cookie]) {
          const answer = await running.get(path, { authorization, ...more });
          expect([authorization, path, answer.status, answer.json.type]).toEqual([
            authorization,
            path,
            code ? 401 : 200,
            code && `urn:claimline:problem:${code}`,
          ]);
          if (code) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
        }
    expect(await whoIs({ authorization: 'Basic YTpi', ...cookie })).toMatchObject({ kind: 'session' });
    // Blanks before it do not make it another one.
    expect(await whoIs({ authorization: `BEARER   ${KEY}` })).toMatchObject({ kind: 'key', id: CURATOR.id });
  });

  it('finds nobody by a cookie that is made up, cut or of something else', async () => {
    const { value } = cookiesOf(await signIn(KEY))[0]!;
    for (const cookie of [
      'claimline-session=',
      `claimline-session=${value!.slice(1)}`,
      `claimline-session=${'A'.repeat(43)}`,
      `xclaimline-session=${value}`,
      `other=${value}`,
      `__Host-claimline-session=${value}`,
      `claimline-session=%00; claimline-session=${value}`,
      'claimline-session',
    ])
      expect([cookie, await whoIs({ cookie })]).toMatchObject([cookie, { kind: 'anyone' }]);
  });
});

describe('DELETE /v1/session', () => {
  it('ends the session and removes the cookie, in every process', async () => {
    const other = await startWithKey(CURATOR, { DATABASE_URL: running.databaseUrl });
    try {
      const [cookie] = cookiesOf(await signIn(KEY));
      expect(await whoIs(sent(cookie!), other)).toMatchObject({ kind: 'session' });
      const answer = await running.send('DELETE', '/v1/session', undefined, sent(cookie!));
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(cookiesOf(answer)).toMatchObject([
        { name: 'claimline-session', value: '', maxAge: 0, path: '/' },
      ]);
      expect(await whoIs(sent(cookie!))).toMatchObject({ kind: 'anyone' });
      await until(
        () => whoIs(sent(cookie!), other),
        ({ kind }) => kind === 'anyone',
      );
    } finally {
      await other.stop();
    }
  });

  it('is fine with a browser that is not signed in', async () => {
    expect(await running.send('DELETE', '/v1/session')).toMatchObject({ status: 204 });
  });
});

it('a session ends when its key is revoked', async () => {
  const other = fixedKey('c0ffee000002', 'Desk', ['curate']);
  await addKey(running, other);
  const [cookie] = cookiesOf(await signIn(other.key));
  expect(await whoIs(sent(cookie!))).toMatchObject({ kind: 'session', id: other.id });
  await running.service.app.get(Keys).revoke(other.id);
  await running.service.app.get(KeyRing).refresh();
  expect(await whoIs(sent(cookie!))).toMatchObject({ kind: 'anyone' });
});

it('a live stream ends with the session that it was opened with, also where that is ended elsewhere', async () => {
  const other = await startWithKey(CURATOR, { DATABASE_URL: running.databaseUrl });
  try {
    const [cookie, kept] = [await signIn(KEY), await signIn(KEY)].map((answer) => cookiesOf(answer)[0]!);
    const open = async (one: SetCookie) => {
      const leaving = new AbortController();
      const { body, status } = await fetch(`${running.url}/v1/stream`, {
        headers: sent(one),
        signal: leaving.signal,
      });
      expect(status).toBe(200);
      const stream = { leaving, chunks: 0, ended: Promise.resolve('') };
      stream.ended = body!.pipeTo(new WritableStream({ write: () => void stream.chunks++ })).then(
        () => 'ended',
        () => 'cut off',
      );
      // The first message comes at once.
      await until(
        async () => stream.chunks,
        (now) => now > 0,
      );
      return stream;
    };
    const [stream, stays] = [await open(cookie!), await open(kept!)];
    await other.send('DELETE', '/v1/session', undefined, sent(cookie!));
    expect(await stream.ended).toBe('cut off');
    // The other is told of what is recorded now.
    const { chunks } = stays;
    await running.record({ statedAt: '2025-11-19' });
    await until(
      async () => stays.chunks,
      (now) => now > chunks,
    );
    stays.leaving.abort();
    await stays.ended;
  } finally {
    await other.stop();
  }
});

it('behind TLS the cookie is only sent over TLS, and can only have been set by this host', async () => {
  const secured = await startWithKey(CURATOR, {
    DATABASE_URL: running.databaseUrl,
    PUBLIC_URL: 'https://news.example/claims',
  });
  try {
    const [cookie] = cookiesOf(await signIn(KEY, {}, secured));
    expect(cookie).toMatchObject({
      name: '__Host-claimline-session',
      secure: true,
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
    });
    expect(cookie).not.toHaveProperty('domain');
    expect(await whoIs(sent(cookie!), secured)).toMatchObject({ kind: 'session' });
    // A cookie without the prefix may come from a neighbour in the same domain.
    expect(await whoIs({ cookie: `claimline-session=${cookie!.value}` }, secured)).toMatchObject({
      kind: 'anyone',
    });
  } finally {
    await secured.stop();
  }
});
