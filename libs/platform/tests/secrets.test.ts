import { expect, test } from '@jest/globals';
import { createLogger } from '../src/logs.js';
import { hidePassword, hideSecret, withoutSecrets } from '../src/secrets.js';

test('a secret is hidden as it is, in a URL and in JSON', () => {
  const secret = 'a "quoted" & long one';
  hideSecret(secret);
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify({ secret })])
    expect(withoutSecrets(`before ${form} after`)).not.toContain('long');
  expect(withoutSecrets('before after')).toBe('before after');
});

test('the password of a URL is hidden in a log line; a name that is a password too is not', () => {
  hidePassword('postgresql://claimline:claimline@db/claimline');
  hidePassword('postgresql://claimline:p%C3%A4ssw0rd-1@db/claimline');
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  log.warn({ err: new Error('cannot connect to postgresql://claimline:pässw0rd-1@db') }, 'p%C3%A4ssw0rd-1');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    err: { message: 'cannot connect to postgresql://claimline:***@db' },
    msg: '***',
  });
});

test('the client that the pool adds to the error of a lost connection is not logged', () => {
  const lines: string[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(line) });
  log.warn({ err: Object.assign(new Error('lost'), { code: '57P01', client: { user: 'somebody' } }) });
  expect(JSON.parse(lines[0]!)).toMatchObject({ err: { message: 'lost', code: '57P01' } });
  expect(lines[0]).not.toContain('somebody');
});
