import { describe, expect, it, test } from '@jest/globals';
import {
  Access,
  callerOfBearer,
  isLoopback,
  KeyRing,
  needOf,
  NEEDS,
  openMetricsLine,
  opennessLine,
  requireKeysOrOpen,
  ROLES,
  type Role,
} from '#libs/access';
import { Problem, SettingsError } from '#libs/platform';

/** A ring with a key of each role, or without any. */
async function ringOf(roles: readonly Role[]): Promise<KeyRing> {
  const ring = new KeyRing({
    load: async () =>
      roles.map((role, n) => ({
        id: String(n).padStart(12, '0'),
        name: role,
        roles: [role],
        state: 'active',
        hash: Buffer.alloc(32),
        formerHash: null,
      })),
    recordUses: async () => {},
  });
  await ring.refresh();
  return ring;
}

test.each([
  [undefined, undefined],
  [{ host: '127.0.0.1', port: 9464 }, undefined],
  [{ host: '::1', port: 9464 }, undefined],
  [
    { host: '0.0.0.0', port: 9464 },
    'Metrics are open to everybody who reaches 0.0.0.0, without a key (METRICS_HOST)',
  ],
])('given metrics at %j, when the service starts, then it says: %s', async (metrics, line) => {
  expect(await openMetricsLine({ metrics })).toBe(line);
});

describe('a host', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['fe80::1', false],
    ['::ffff:10.0.0.1', false],
  ])('%s is loopback: %s', async (host, expected) => {
    expect(await isLoopback(host)).toBe(expected);
  });
});

describe('what is open', () => {
  it.each([
    [undefined, true, false, 'everything'],
    [undefined, true, true, 'nothing'],
    [undefined, false, true, 'nothing'],
    ['read', true, false, 'reading'],
    ['read', false, true, 'reading'],
    ['all', true, true, 'everything'],
    ['all', false, false, 'everything'],
  ] as const)('OPEN=%s, loopback %s, keys %s: %s', async (open, loopback, hasKeys, expected) => {
    const access = new Access(await ringOf(hasKeys ? ['read'] : []), open, loopback);
    expect(access.open).toBe(expected);
    expect(opennessLine(access) === undefined).toBe(expected === 'nothing');
    expect(() => requireKeysOrOpen(access, { host: 'there', open })).not.toThrow();
  });

  it('is nothing where others reach it and there is no key: then it does not start, and says what to do', async () => {
    const access = new Access(await ringOf([]), undefined, false);
    expect(() => requireKeysOrOpen(access, { host: '0.0.0.0', open: undefined })).toThrow(SettingsError);
    expect(() => requireKeysOrOpen(access, { host: '0.0.0.0', open: undefined })).toThrow(
      /HOST is 0\.0\.0\.0[^]*claimline keys create[^]*OPEN=read[^]*OPEN=all/,
    );
    expect(access.open).toBe('nothing');
  });

  it('is never the making of keys', async () => {
    for (const open of ['all', 'read', undefined] as const) {
      const access = new Access(await ringOf([]), open, true);
      expect(access.decide('admin', undefined)).toMatchObject({ status: 401, code: 'key-missing' });
    }
  });
});

describe('a request', () => {
  const MAY: Record<Role, Role[]> = {
    read: ['read', 'ingest', 'curate', 'operate', 'admin'],
    ingest: ['ingest', 'admin'],
    curate: ['curate', 'admin'],
    operate: ['operate', 'admin'],
    admin: ['admin'],
  };

  it.each(ROLES)('that needs %s is for the roles that have it', async (need) => {
    const closed = new Access(await ringOf(['read']), undefined, true);
    const allowed = ROLES.filter(
      (role) => !(closed.decide(need, { kind: 'key', id: 'k', name: 'K', roles: [role] }) instanceof Problem),
    );
    expect(allowed).toEqual(MAY[need]);
    expect(closed.decide(need, undefined)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="claimline"' },
    });
  });

  it('with a key that does not work is refused, also where everything is open', async () => {
    const ring = await ringOf([]);
    const access = new Access(ring, 'all', true);
    const presented = callerOfBearer(ring, `Bearer cl_000000000000_${'A'.repeat(43)}`);
    expect(access.decide('read', presented)).toMatchObject({ status: 401, code: 'key-unknown' });
  });

  it('has no key in a header of another scheme', async () => {
    const ring = await ringOf([]);
    for (const header of [undefined, '', 'Basic YTpi', 'Bearer', 'Bearer ', 'cl_1_2'])
      expect(callerOfBearer(ring, header)).toBeUndefined();
    for (const header of ['Bearer x', 'bearer  x ', 'BEARER x', 'Bearer x y'])
      expect(callerOfBearer(ring, header)).toMatchObject({ code: 'key-unknown' });
  });
});

describe('keys that cannot be read', () => {
  it.each([
    ['because the database refuses', () => Promise.reject(new Error('refused'))],
    ['because it does not answer', () => new Promise<never>(() => {})],
  ])('%s: 503, within seconds', async (_, load) => {
    const ring = new KeyRing({ load, recordUses: async () => {} });
    const access = new Access(ring, undefined, true);
    expect(access.isCurrent).toBe(false);
    await expect(access.refresh()).rejects.toMatchObject({ status: 503, code: 'store-unavailable' });
  });
});

describe('an operation', () => {
  it('that nobody has decided about is an error', () => {
    expect(needOf('listEvents', 'GET /v1/events')).toBe('read');
    for (const unknown of [undefined, 'doAnything', 'constructor'])
      expect(() => needOf(unknown, 'GET /v1/anything')).toThrow('GET /v1/anything');
  });

  it('that writes needs more than reading', () => {
    // Signing in and out is for everybody.
    const writes = Object.entries(NEEDS).filter(
      ([operation]) => !/^(get|list|compare|count|follow|export)|Session$|SignIn$/.test(operation),
    );
    expect(writes.length).toBeGreaterThan(15);
    expect(writes.filter(([, need]) => need === 'read' || need === 'nothing')).toEqual([]);
  });
});
