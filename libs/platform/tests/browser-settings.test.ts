import { describe, expect, test } from '@jest/globals';
import { isLoopbackName } from '../src/browser-settings.js';
import { readSettings, SettingsError } from '../src/settings.js';

const browsers = (env: Record<string, string>) => readSettings(env).browsers;

function messageOf(env: Record<string, string>): string {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('no error was thrown');
}

const PROVIDER = { OIDC_ISSUER: 'https://id.example/realms/desk', OIDC_CLIENT_ID: 'claimline' };

describe('settings for browsers', () => {
  test('lists of names and origins, and the public address', () => {
    expect(
      browsers({
        ALLOWED_HOSTS: 'Claims.example, claimline_api',
        CORS_ORIGINS: 'https://page.example,http://localhost:5173',
        PUBLIC_URL: 'https://news.example/claims/',
      }),
    ).toEqual({
      allowedHosts: ['claims.example', 'claimline_api'],
      corsOrigins: ['https://page.example', 'http://localhost:5173'],
      publicUrl: 'https://news.example/claims',
    });
    expect(browsers({ PUBLIC_URL: 'http://news.example' }).publicUrl).toBe('http://news.example');
  });

  test('a provider, with what is usual', () => {
    expect(browsers(PROVIDER).oidc).toEqual({
      issuer: 'https://id.example/realms/desk',
      clientId: 'claimline',
      clientSecret: undefined,
      scope: 'openid profile',
      rolesClaim: 'roles',
      roles: ['read', 'ingest', 'curate', 'operate', 'admin'].map((role) => [`claimline-${role}`, role]),
    });
    expect(
      browsers({
        ...PROVIDER,
        OIDC_CLIENT_SECRET: 'hunter2',
        OIDC_SCOPE: 'openid groups',
        OIDC_ROLES_CLAIM: 'realm_access.roles',
        OIDC_ROLES: 'cn=desk=curate, everybody=read',
      }).oidc,
    ).toMatchObject({
      clientSecret: 'hunter2',
      scope: 'openid groups',
      rolesClaim: 'realm_access.roles',
      roles: [
        ['cn=desk', 'curate'],
        ['everybody', 'read'],
      ],
    });
  });

  test.each([
    ['ALLOWED_HOSTS', 'claims.example:3000'],
    ['ALLOWED_HOSTS', 'https://claims.example'],
    ['ALLOWED_HOSTS', '*'],
    ['ALLOWED_HOSTS', 'a,,b'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'page.example'],
    ['CORS_ORIGINS', 'https://page.example/'],
    ['CORS_ORIGINS', 'null'],
    ['PUBLIC_URL', 'claims.example'],
    ['PUBLIC_URL', 'https://me:hunter2@claims.example'],
    ['PUBLIC_URL', 'https://claims.example/?a=1'],
  ])('%s=%s is refused', (name, value) => {
    expect(messageOf({ [name]: value })).toMatch(new RegExp(`^A setting is wrong:\n {2}${name} must `));
  });

  test.each([
    ['OIDC_ISSUER', 'http://id.example'],
    ['OIDC_ISSUER', 'http://127.0.0.1.example'],
    ['OIDC_SCOPE', 'profile'],
    ['OIDC_SCOPE', 'openidx'],
    ['OIDC_ROLES', 'desk=chief'],
    ['OIDC_ROLES', 'curate'],
  ])('%s=%s is refused', (name, value) => {
    expect(messageOf({ ...PROVIDER, [name]: value })).toMatch(
      new RegExp(`^A setting is wrong:\n {2}${name} must `),
    );
  });

  test.each(['http://127.0.0.1:9000', 'http://[::1]:9000', 'http://localhost:9000'])(
    'a provider at %s needs no TLS',
    (OIDC_ISSUER) => {
      expect(browsers({ ...PROVIDER, OIDC_ISSUER }).oidc?.issuer).toBe(OIDC_ISSUER);
    },
  );

  test('settings of a provider need the provider, and it needs a client; a secret is not shown', () => {
    expect(messageOf({ OIDC_CLIENT_SECRET: 'hunter2', OIDC_ROLES: 'desk=curate' }).split('\n')).toEqual([
      '2 settings are wrong:',
      '  OIDC_ISSUER is needed with OIDC_CLIENT_SECRET',
      '  OIDC_ISSUER is needed with OIDC_ROLES',
    ]);
    expect(messageOf({ OIDC_ISSUER: PROVIDER.OIDC_ISSUER })).toContain(
      'OIDC_CLIENT_ID is needed with OIDC_ISSUER',
    );
    expect(messageOf({ ...PROVIDER, OIDC_CLIENT_SECRET: 'x'.repeat(501) })).not.toContain('xxx');
  });
});

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['page.localhost', true],
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost.example', false],
  ['127.0.0.1.example', false],
  ['10.0.0.1', false],
  ['0.0.0.0', false],
  ['[::2]', false],
])('%s can only mean this machine: %s', (host, expected) => {
  expect(isLoopbackName(host)).toBe(expected);
});
