import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseSetCookie } from 'cookie';
import pg from 'pg';
import { OpenIdProvider } from '../support/openid-provider.js';
import { startRunning, type Running } from './running.js';

const ACCOUNTS = {
  ada: { name: 'Ada Lovelace', roles: ['claimline-curate', 'claimline-read', 'something else'] },
  bob: { preferred_username: 'bob', roles: 'claimline-admin' },
  eve: { name: 'Eve', roles: ['curate', 'admin', 'xclaimline-admin'] },
  nil: { name: 'Nil' },
};

let provider: OpenIdProvider;
let running: Running;
let database: pg.Client;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  const client = { clientId: 'claimline', clientSecret: 'a secret of a test' };
  running = await startRunning({
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: client.clientId,
    OIDC_CLIENT_SECRET: client.clientSecret,
  });
  database = new pg.Client({ connectionString: running.databaseUrl });
  await database.connect();
  provider.serve({ ...client, redirectUri: `${running.url}/v1/session/oidc/callback`, accounts: ACCOUNTS });
});
afterAll(async () => {
  await database.end();
  await running.stop();
  await provider.close();
});
beforeEach(() => {
  provider.subject = 'ada';
});

const sessions = async () =>
  (await database.query<{ n: number }>('select count(*)::int as n from claimline.sessions')).rows[0]!.n;

/** What a browser does without scripts: keeps cookies of each host, and goes where it is sent. */
class Browser {
  readonly cookies = new Map<string, Map<string, string>>();

  async go(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map<string, string>();
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: {
        accept: 'text/html,*/*;q=0.8',
        'sec-fetch-site': 'none',
        ...headers,
        ...(cookie && { cookie }),
      },
    });
    this.cookies.set(origin, jar);
    for (const set of answer.headers.getSetCookie()) {
      const { name, value, maxAge, expires } = parseSetCookie(set);
      if (value === '' || maxAge === 0 || (expires && expires.getTime() < Date.now())) jar.delete(name);
      else jar.set(name, value!);
    }
    return answer;
  }

  /** Follows what it is sent to, until an answer or an address that `stop` knows. */
  async follow(
    url: string,
    stop: (url: string) => boolean = () => false,
  ): Promise<{ url: string; answer?: Response }> {
    for (let at = url, n = 0; n < 20; n++) {
      if (stop(at)) return { url: at };
      const answer = await this.go(at);
      const location = answer.headers.get('location');
      if (location === null) return { url: at, answer };
      at = new URL(location, at).href;
    }
    throw new Error('sent round and round');
  }

  own(name: string): string | undefined {
    return this.cookies.get(running.url)?.get(name);
  }

  keep(name: string, value: string): void {
    this.cookies.get(running.url)!.set(name, value);
  }

  async session(): Promise<{ kind: string; id: string; name: string; roles: string[]; oidc: boolean }> {
    return (await this.go(`${running.url}/v1/session`)).json() as never;
  }
}

const START = () => `${running.url}/v1/session/oidc`;
const isCallback = (url: string) => url.startsWith(`${running.url}/v1/session/oidc/callback`);

/** A browser that comes back from the provider, and the address that it is sent to. */
async function backAtTheDoor(): Promise<{ browser: Browser; callback: URL }> {
  const browser = new Browser();
  const { url } = await browser.follow(START(), isCallback);
  return { browser, callback: new URL(url) };
}

/** What a browser keeps while it is at the provider, changed. */
function changeAttempt(browser: Browser, change: object): void {
  const attempt = JSON.parse(
    Buffer.from(browser.own('claimline-sign-in')!, 'base64url').toString(),
  ) as object;
  browser.keep(
    'claimline-sign-in',
    Buffer.from(JSON.stringify({ ...attempt, ...change })).toString('base64url'),
  );
}

/** A callback that is refused: a problem, no session, and the attempt is over. */
async function expectRefusal(
  browser: Browser,
  url: URL | string,
  status: number,
  code: string,
): Promise<string> {
  const before = await sessions();
  const answer = await browser.go(String(url), { 'sec-fetch-site': 'cross-site' });
  const problem = (await answer.json()) as { detail: string };
  expect([answer.status, problem]).toMatchObject([status, { type: `urn:claimline:problem:${code}`, status }]);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(browser.own('claimline-session')).toBeUndefined();
  expect(browser.own('claimline-sign-in')).toBeUndefined();
  expect(await sessions()).toBe(before);
  return problem.detail;
}

describe('a sign-in at a provider', () => {
  it('leads to a session with the roles that the claims of the account stand for', async () => {
    const browser = new Browser();
    const { url, answer } = await browser.follow(`${START()}?returnTo=/docs`);
    expect([url, answer!.status]).toEqual([`${running.url}/docs`, 200]);
    expect(await browser.session()).toMatchObject({
      kind: 'session',
      id: `${provider.issuer}#ada`,
      name: 'Ada Lovelace',
      roles: ['read', 'curate'],
      oidc: true,
    });
    expect(browser.own('claimline-sign-in')).toBeUndefined();

    const out = await fetch(`${running.url}/v1/session`, {
      method: 'DELETE',
      headers: {
        cookie: `claimline-session=${browser.own('claimline-session')}`,
        'sec-fetch-site': 'same-origin',
      },
    });
    expect(out.status).toBe(204);
    expect(await browser.session()).toMatchObject({ kind: 'anyone' });
  });

  it('takes one role where the claim is a text, and another name where there is none', async () => {
    provider.subject = 'bob';
    const browser = new Browser();
    await browser.follow(START(), (url) => url === `${running.url}/`);
    expect(await browser.session()).toMatchObject({ name: 'bob', roles: ['admin'] });
  });

  it('asks for a code with PKCE, state and nonce, each of them new', async () => {
    const asked = await Promise.all(
      [1, 2].map(async () => {
        const answer = await new Browser().go(START());
        expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
        const [set] = answer.headers.getSetCookie().map((one) => parseSetCookie(one));
        expect(set).toMatchObject({
          name: 'claimline-sign-in',
          httpOnly: true,
          sameSite: 'lax',
          path: '/',
          maxAge: 600,
        });
        return Object.fromEntries(new URL(answer.headers.get('location')!).searchParams);
      }),
    );
    expect(asked[0]).toEqual({
      client_id: 'claimline',
      redirect_uri: `${running.url}/v1/session/oidc/callback`,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    for (const name of ['code_challenge', 'state', 'nonce'])
      expect(asked[0]![name]).not.toBe(asked[1]![name]);
  });

  it('sets a session that no other site can send', async () => {
    const { browser, callback } = await backAtTheDoor();
    const answer = await browser.go(callback.href);
    expect([answer.status, answer.headers.get('location'), answer.headers.get('cache-control')]).toEqual([
      302,
      '/',
      'no-store',
    ]);
    expect(answer.headers.getSetCookie().map((one) => parseSetCookie(one))).toMatchObject([
      { name: 'claimline-sign-in', value: '', maxAge: 0 },
      { name: 'claimline-session', httpOnly: true, sameSite: 'strict', path: '/', maxAge: 12 * 3600 },
    ]);
  });
});

describe('a sign-in is refused', () => {
  it('with another state', async () => {
    const { browser, callback } = await backAtTheDoor();
    callback.searchParams.set('state', 'x'.repeat(43));
    await expectRefusal(browser, callback, 403, 'sign-in-refused');
  });

  it('without a state', async () => {
    const { browser, callback } = await backAtTheDoor();
    callback.searchParams.delete('state');
    await expectRefusal(browser, callback, 403, 'sign-in-refused');
  });

  it('with the code of another browser', async () => {
    const [mine, other] = [await backAtTheDoor(), await backAtTheDoor()];
    mine.callback.searchParams.set('code', other.callback.searchParams.get('code')!);
    await expectRefusal(mine.browser, mine.callback, 403, 'sign-in-refused');
  });

  it('with a token for another nonce', async () => {
    const { browser, callback } = await backAtTheDoor();
    changeAttempt(browser, { nonce: 'x'.repeat(43) });
    await expectRefusal(browser, callback, 403, 'sign-in-refused');
  });

  it('with a code that was used', async () => {
    const { browser, callback } = await backAtTheDoor();
    const attempt = browser.own('claimline-sign-in')!;
    await browser.go(callback.href);
    const again = new Browser();
    await again.go(START());
    again.keep('claimline-sign-in', attempt);
    await expectRefusal(again, callback, 403, 'sign-in-refused');
  });

  it('with an answer of another issuer', async () => {
    const { browser, callback } = await backAtTheDoor();
    callback.searchParams.set('iss', 'https://evil.example');
    await expectRefusal(browser, callback, 403, 'sign-in-refused');
  });

  it('in a browser that has not begun it', async () => {
    const { callback } = await backAtTheDoor();
    const other = new Browser();
    await expectRefusal(other, callback, 400, 'sign-in-unknown');
    await expectRefusal(other, `${START()}/callback`, 400, 'sign-in-unknown');
  });

  it.each([
    ['after ten minutes', () => ({ startedAt: Date.now() - 10 * 60 * 1000 - 1 })],
    ['from the future', () => ({ startedAt: Date.now() + 11 * 60 * 1000 })],
    ['to go on elsewhere', () => ({ returnTo: '//evil.example' })],
    ['that is not what was kept', () => ({ state: 7 })],
  ])('%s', async (_, change) => {
    const { browser, callback } = await backAtTheDoor();
    changeAttempt(browser, change());
    await expectRefusal(browser, callback, 400, 'sign-in-unknown');
  });

  it('with an account that has no role here', async () => {
    for (const subject of ['eve', 'nil']) {
      provider.subject = subject;
      const { browser, callback } = await backAtTheDoor();
      expect(await expectRefusal(browser, callback, 403, 'account-without-role')).toContain('roles');
    }
  });

  it('where the person declines', async () => {
    provider.subject = undefined;
    const { browser, callback } = await backAtTheDoor();
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(await expectRefusal(browser, callback, 403, 'sign-in-refused')).toContain('access_denied');
  });

  it.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    'docs',
    '/a b',
    '/a\nb',
    `/${'x'.repeat(1000)}`,
  ])('that would go on at %j', async (returnTo) => {
    const answer = await new Browser().go(`${START()}?returnTo=${encodeURIComponent(returnTo)}`);
    expect([answer.status, await answer.json()]).toMatchObject([
      422,
      { type: 'urn:claimline:problem:query-invalid', errors: [{ pointer: '/returnTo' }] },
    ]);
  });
});

describe('while the provider is away', () => {
  it('nobody can sign in, and who is signed in stays so', async () => {
    const { browser, callback } = await backAtTheDoor();
    const signedIn = new Browser();
    await signedIn.follow(START(), (url) => url === `${running.url}/`);
    const resume = await provider.pause();
    expect((await browser.go(callback.href)).status).toBe(503);
    expect(await signedIn.session()).toMatchObject({ kind: 'session' });
    await resume();
    const again = new Browser();
    await again.follow(START(), (url) => url === `${running.url}/`);
    expect(await again.session()).toMatchObject({ kind: 'session' });
  });

  it('at the start of the service, it is asked again when somebody signs in', async () => {
    const resume = await provider.pause();
    const late = await startRunning({
      DATABASE_URL: running.databaseUrl,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: 'claimline',
    });
    try {
      const answer = await new Browser().go(`${late.url}/v1/session/oidc`);
      expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
        503,
        '1',
        { type: 'urn:claimline:problem:provider-unavailable' },
      ]);
      await resume();
      expect((await new Browser().go(`${late.url}/v1/session/oidc`)).status).toBe(302);
    } finally {
      await late.stop();
    }
  });
});

describe('settings of a provider', () => {
  it('name the claim, the roles and the public address', async () => {
    const other = await startRunning({
      DATABASE_URL: running.databaseUrl,
      PUBLIC_URL: 'https://news.example/claims',
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: 'claimline',
      OIDC_SCOPE: 'openid email',
    });
    try {
      const answer = await new Browser().go(`${other.url}/v1/session/oidc`);
      const { searchParams } = new URL(answer.headers.get('location')!);
      expect(searchParams.get('redirect_uri')).toBe('https://news.example/claims/v1/session/oidc/callback');
      expect(searchParams.get('scope')).toBe('openid email');
      const [set] = answer.headers.getSetCookie().map((one) => parseSetCookie(one));
      expect(set).toMatchObject({ name: '__Host-claimline-sign-in', secure: true, sameSite: 'lax' });
      const attempt = JSON.parse(Buffer.from(set!.value!, 'base64url').toString()) as object;
      expect(attempt).toMatchObject({ returnTo: '/claims/' });
    } finally {
      await other.stop();
    }
  });

  it('left out, there is nothing to go to', async () => {
    const without = await startRunning({ DATABASE_URL: running.databaseUrl });
    try {
      for (const path of ['/v1/session/oidc', '/v1/session/oidc/callback'])
        expect(await without.get(path)).toMatchObject({
          status: 404,
          json: { type: 'urn:claimline:problem:not-found' },
        });
      expect((await without.get('/v1/session')).json).toMatchObject({ oidc: false });
    } finally {
      await without.stop();
    }
  });
});
