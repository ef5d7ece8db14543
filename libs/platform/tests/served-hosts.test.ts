import { expect, test } from '@jest/globals';
import { readSettings } from '#libs/platform';
import { isServed, servedNames } from '../src/served-hosts.js';

const names = servedNames(
  readSettings({
    HOST: 'Desk.example',
    ALLOWED_HOSTS: 'claims.example,api',
    PUBLIC_URL: 'https://news.example:8443/claims',
  }),
);

test.each([
  '127.0.0.1:3000',
  '127.0.0.1',
  '[::1]:3000',
  '[::1]',
  '10.1.2.3:80',
  '[fe80::1]:3000',
  'localhost',
  'LocalHost:1',
  'localhost.:3000',
  'page.localhost:3000',
  'desk.example:3000',
  'CLAIMS.example',
  'claims.example.',
  'api:3000',
  'news.example',
  'news.example:1',
])('%s is served', (host) => {
  expect(isServed(host, names)).toBe(true);
});

test.each([
  'evil.example',
  'evil.example:3000',
  '127.0.0.1.evil.example',
  '127.0.0.1.evil.example:3000',
  'localhost.evil.example',
  'localhosts',
  'evil-localhost',
  'sub.claims.example',
  'claims.example.evil.example',
  '[::1].evil.example',
  '1.2.3',
  'evil.example:127.0.0.1',
  '',
  ':3000',
])('%j is not served', (host) => {
  expect(isServed(host, names)).toBe(false);
});
