import { describe, expect, test } from '@jest/globals';
import { mayWrite } from '../src/edge/origins.js';

const ALLOWED = new Set(['https://page.example']);
const OWN = { host: 'claims.example' };
const COOKIE = { cookie: 'a=1; claimline-session=x' };
const SECURE_COOKIE = { cookie: '__Host-claimline-session=x' };
const may = (headers: Record<string, string>) => mayWrite({ ...OWN, ...headers }, ALLOWED);

describe('a write is taken', () => {
  test.each([
    ['of a program', {}],
    ['of a program with a cookie of something else', { cookie: 'a=1' }],
    ['of a page of this service', { 'sec-fetch-site': 'same-origin', origin: 'https://claims.example' }],
    [
      'of a page of this service, behind a proxy that gives another host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://outer.example' },
    ],
    ['that a person has begun', { 'sec-fetch-site': 'none' }],
    ['of a page of this service in a browser without Sec-Fetch-Site', { origin: 'https://claims.example' }],
    ['of such a page, whatever TLS is ended by', { origin: 'http://claims.example' }],
    ['of an allowed origin', { 'sec-fetch-site': 'cross-site', origin: 'https://page.example' }],
    [
      'with a key',
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', authorization: 'Bearer x' },
    ],
  ])('%s', (_, headers: Record<string, string>) => {
    expect(may(headers)).toBe(true);
  });

  test('with a cookie, where the browser says that the page is of this service', () => {
    for (const cookie of [COOKIE, SECURE_COOKIE]) {
      expect(may({ ...cookie, 'sec-fetch-site': 'same-origin' })).toBe(true);
      expect(may({ ...cookie, origin: 'https://claims.example' })).toBe(true);
      expect(may({ ...cookie, origin: 'https://page.example' })).toBe(true);
    }
  });
});

describe('a write is refused', () => {
  test.each([
    ['of a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [
      'of another service of the same site',
      { 'sec-fetch-site': 'same-site', origin: 'http://claims.example:8080' },
    ],
    ['of a browser that says nothing more', { 'sec-fetch-site': 'cross-site' }],
    [
      'that claims to be of here, but the browser knows better',
      { 'sec-fetch-site': 'cross-site', origin: 'https://claims.example' },
    ],
    ['of an older browser', { origin: 'https://evil.example' }],
    ['of an older browser, from another port', { origin: 'https://claims.example:8443' }],
    ['of a page without an origin', { origin: 'null' }],
    ['of a file or an extension', { origin: 'file://' }],
    ['of an origin that cannot be read', { origin: 'claims.example' }],
    ['of an origin that begins like an allowed one', { origin: 'https://page.example.evil.example' }],
    [
      'with a password, which a browser sends on its own',
      { 'sec-fetch-site': 'cross-site', authorization: 'Basic YTpi' },
    ],
    ['with a session that nothing says anything about', COOKIE],
    ['with a session over TLS that nothing says anything about', SECURE_COOKIE],
  ])('%s', (_, headers: Record<string, string>) => {
    expect(may(headers)).toBe(false);
  });
});
