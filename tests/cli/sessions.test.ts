import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Account, type SignedIn, Sessions } from '#libs/access';
import { claimline } from '../support/command-line.js';
import { startRunning, type Running } from '../api/running.js';

const ADA: Account = {
  issuer: 'https://id.example',
  subject: 'ada',
  name: 'Ada Lovelace',
  roles: ['curate'],
};
const OF_ADA = 'https://id.example#ada';

let running: Running;
const before = { ...process.env };
beforeAll(async () => {
  running = await startRunning();
  Object.assign(process.env, { DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'silent' });
});
afterAll(async () => {
  for (const name of ['DATABASE_URL', 'LOG_LEVEL']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await running.stop();
});

it('lists sessions and ends one, or all of an account, beside a running service', async () => {
  expect(await claimline('sessions', 'list')).toMatchObject({ code: 0, out: 'nobody is signed in\n' });
  const { app } = running.service;
  const begin = (subject: string) => app.get(Sessions).begin({ ...ADA, subject });
  const [one, , another] = [await begin('ada'), await begin('ada'), await begin('bob')];
  const listed = async (...args: string[]) =>
    (await claimline('sessions', 'list', '--json', ...args)).out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as SignedIn);
  expect(await listed()).toHaveLength(3);
  expect(await listed('--of', OF_ADA)).toMatchObject([{ of: OF_ADA }, { of: OF_ADA, id: one.session.id }]);
  expect((await claimline('sessions', 'list')).out).toContain(`Ada Lovelace (${OF_ADA})`);

  const { id } = one.session;
  expect(await claimline('sessions', 'end', id)).toMatchObject({
    code: 0,
    out: expect.stringMatching(`^ended: ${id}`),
  });
  expect(await claimline('sessions', 'end', id)).toMatchObject({
    code: 1,
    out: '',
    err: 'no such session, or it has ended already\n',
  });
  expect(await claimline('sessions', 'end', '--of', OF_ADA)).toMatchObject({ code: 0 });
  expect(await listed()).toMatchObject([{ id: another.session.id }]);
});
