import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, KeyRing, Keys, Sessions } from '#libs/access';
import { addKey, fixedKey, startWithKey } from '../support/key-holders.js';
import type { Answer, Running } from './running.js';

const CHIEF = fixedKey('c0ffee00000a', 'Chief', ['admin']);
const DESK = fixedKey('c0ffee00000d', 'Desk', ['curate']);
// An issuer may have any path, and a subject any characters.
const ADA: Account = {
  issuer: 'https://id.example/realms/news',
  subject: 'ada#1 ü&',
  name: 'Ada Lovelace',
  roles: ['curate'],
};
const OF_ADA = `${ADA.issuer}#${ADA.subject}`;

let running: Running;
let other: Running;
beforeAll(async () => {
  running = await startWithKey(CHIEF);
  await addKey(running, DESK);
  other = await startWithKey(CHIEF, { DATABASE_URL: running.databaseUrl });
});
afterAll(async () => {
  await other.stop();
  await running.stop();
});

const asChief = (method: string, path: string) =>
  running.send(method, path, undefined, { authorization: `Bearer ${CHIEF.key}` });
const end = (of: string) => asChief('DELETE', `/v1/sessions?of=${encodeURIComponent(of)}`);
beforeEach(async () => {
  for (const holder of [DESK.id, OF_ADA]) await end(holder);
});

/** Signs in, and returns the header of the browser. */
async function signIn(of: { keyId: string } | Account) {
  const { token, session } = await running.service.app.get(Sessions).begin(of);
  return {
    id: session.id,
    cookie: { cookie: `claimline-session=${token}`, 'sec-fetch-site': 'same-origin' },
  };
}
const kindOf = async (cookie: Record<string, string>, at: Running) =>
  (await at.get('/v1/session', cookie)).json.kind as string;

/** Asks until it is so. @throws Error after half a minute */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await isSo()); await sleep(50))
    if (Date.now() > deadline) throw new Error('it is not so after 30 s');
}

/** A live stream; `chunks` counts what has come. */
async function follow(at: Running, cookie: Record<string, string>) {
  const leaving = new AbortController();
  const answer = await fetch(`${at.url}/v1/stream`, { headers: cookie, signal: leaving.signal });
  expect(answer.status).toBe(200);
  const stream = { chunks: 0, leave: () => leaving.abort(), ended: Promise.resolve('') };
  stream.ended = answer.body!.pipeTo(new WritableStream({ write: () => void stream.chunks++ })).then(
    () => 'ended',
    () => 'cut off',
  );
  // The first message comes at once.
  await until(async () => stream.chunks > 0);
  return stream;
}

const idsOf = ({ json }: Answer) => (json.items as { id: string }[]).map(({ id }) => id);

describe('GET /v1/sessions', () => {
  it('lists who is signed in, newest first, by pages, also of one key or account', async () => {
    const sessions = [];
    for (const holder of [{ keyId: DESK.id }, ADA, { keyId: DESK.id }, ADA, ADA]) {
      sessions.push((await signIn(holder)).id);
      // The order of sessions of one millisecond is that of their ids.
      await sleep(2);
    }
    const newest = sessions.toReversed();
    const whole = await asChief('GET', '/v1/sessions');
    expect(whole).toMatchObject({ status: 200, json: { nextCursor: null } });
    expect(idsOf(whole)).toEqual(newest);
    expect(whole.json.items[0]).toEqual({
      id: newest[0],
      of: OF_ADA,
      name: ADA.name,
      roles: ADA.roles,
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: expect.stringMatching(/Z$/),
    });
    expect(whole.json.items[2]).toMatchObject({ of: DESK.id, name: 'Desk', roles: ['curate'] });

    const listed: string[] = [];
    for (let cursor = ''; ;) {
      const page = await asChief('GET', `/v1/sessions?limit=2${cursor}`);
      listed.push(...idsOf(page));
      if (page.json.nextCursor === null) break;
      cursor = `&cursor=${page.json.nextCursor as string}`;
    }
    expect(listed).toEqual(newest);
    expect(idsOf(await asChief('GET', `/v1/sessions?of=${DESK.id}`))).toEqual([newest[2], newest[4]]);
    expect(idsOf(await asChief('GET', `/v1/sessions?of=${encodeURIComponent(OF_ADA)}`))).toHaveLength(3);
  });

  it('lists none that counts no longer, and no token', async () => {
    const { app } = running.service;
    const gone = fixedKey('c0ffee00000b', 'Gone', ['read']);
    await addKey(running, gone);
    await signIn({ keyId: gone.id });
    const { cookie } = await signIn(ADA);
    await app.get(Keys).revoke(gone.id);
    await app.get(KeyRing).refresh();
    const whole = await asChief('GET', '/v1/sessions');
    expect(whole.json.items).toMatchObject([{ of: OF_ADA }]);
    expect(whole.text).not.toContain(cookie.cookie.split('=')[1]);
    expect((await end(gone.id)).json).toEqual({ ended: 0 });
  });

  it('is for admins, whatever is open, and names what is wrong', async () => {
    const { cookie } = await signIn(ADA);
    for (const [method, path] of [
      ['GET', '/v1/sessions'],
      ['DELETE', `/v1/sessions?of=${DESK.id}`],
      ['DELETE', '/v1/sessions/c2cdd3f5-58ba-4a7d-8f57-0a1a7c1f4d9a'],
    ] as const) {
      expect((await running.send(method, path)).status).toBe(401);
      expect((await running.send(method, path, undefined, cookie)).status).toBe(403);
    }
    for (const [method, path, pointer] of [
      ['GET', '/v1/sessions?of=nobody', '/of'],
      ['GET', '/v1/sessions?of=https:x%23a%00', '/of'],
      ['GET', '/v1/sessions?cursor=x', '/cursor'],
      ['DELETE', '/v1/sessions', '/of'],
      ['DELETE', '/v1/sessions?of=', '/of'],
    ] as const)
      expect([path, await asChief(method, path)]).toMatchObject([
        path,
        { status: 422, json: { errors: [{ pointer }] } },
      ]);
  });
});

describe('DELETE /v1/sessions', () => {
  it('ends one session in every process, with its live streams; others go on', async () => {
    const [ending, staying] = [await signIn(ADA), await signIn(ADA)];
    const streams = [await follow(running, ending.cookie), await follow(other, ending.cookie)];
    const stays = await follow(other, staying.cookie);
    expect(await asChief('DELETE', `/v1/sessions/${ending.id}`)).toMatchObject({
      status: 200,
      json: { id: ending.id, of: OF_ADA },
    });
    expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(['cut off', 'cut off']);
    for (const at of [running, other])
      await until(async () => (await kindOf(ending.cookie, at)) === 'anyone');
    expect(await kindOf(staying.cookie, other)).toBe('session');
    // What is recorded now still arrives.
    const { chunks } = stays;
    await running.record({ statedAt: '2025-11-19' });
    await until(async () => stays.chunks > chunks);
    stays.leave();
    expect(await asChief('DELETE', `/v1/sessions/${ending.id}`)).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:session-not-found' },
    });
    expect((await asChief('DELETE', '/v1/sessions/nonsense')).status).toBe(404);
  });

  it('ends all sessions of an account or a key, and only these', async () => {
    const ofAda = [await signIn(ADA), await signIn(ADA)];
    const neighbour = await signIn({ ...ADA, subject: 'ada' });
    const desk = await signIn({ keyId: DESK.id });
    const stream = await follow(other, ofAda[1]!.cookie);
    expect((await end(OF_ADA)).json).toEqual({ ended: 2 });
    expect(await stream.ended).toBe('cut off');
    for (const { cookie } of ofAda) await until(async () => (await kindOf(cookie, other)) === 'anyone');
    expect(idsOf(await asChief('GET', '/v1/sessions'))).toEqual([desk.id, neighbour.id]);
    expect((await end(DESK.id)).json).toEqual({ ended: 1 });
    await until(async () => (await kindOf(desk.cookie, other)) === 'anyone');
    expect((await end(`${ADA.issuer}#ada`)).json).toEqual({ ended: 1 });
  });

  it('is in the audit, where it has ended any', async () => {
    const audited = async () =>
      (
        (await asChief('GET', '/v1/audit?types=operation.performed&limit=3')).json.items as {
          by: string;
          data: object;
        }[]
      ).map(({ by, data }) => ({ by, data }));
    const { id } = await signIn(ADA);
    await signIn({ keyId: DESK.id });
    await asChief('DELETE', `/v1/sessions/${id}`);
    await end(DESK.id);
    await end(DESK.id);
    await asChief('DELETE', `/v1/sessions/${id}`);
    const by = `Chief (${CHIEF.id})`;
    expect((await audited()).slice(0, 2)).toEqual([
      { by, data: { operation: 'sessions.ended', subject: DESK.id } },
      { by, data: { operation: 'session.ended', subject: id } },
    ]);
  });
});
