import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IssuedKey, Key } from '#libs/access';
import { failure } from '../client/said.js';
import { NotReady, type Serving, startService } from '../support/service.js';

const MAIN = resolve('dist/apps/cli/src/main.js');

let folder: string;
let env: NodeJS.ProcessEnv;
let serving: Serving | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'keys-'));
  env = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'info', PROJECTOR_PROCESS: 'false' };
});
afterAll(async () => {
  serving?.signal('SIGTERM');
  await serving?.ended;
});

const start = async (more: NodeJS.ProcessEnv = {}) =>
  (serving = await startService({ env: { ...env, ...more }, logFile: join(folder, 'log') }));

async function stop(): Promise<void> {
  serving!.signal('SIGTERM');
  await serving!.ended;
  serving = undefined;
}

function keys(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, 'keys', ...args], {
      env: { PATH: process.env.PATH, ...env },
      cwd: folder,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    child.on('close', (code) => done({ code, out, err }));
  });
}

const ask = async (path: string, key?: string, method = 'GET') => {
  const url = serving!.url.replace('0.0.0.0', '127.0.0.1');
  const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` };
  return (await fetch(`${url}${path}`, { method, ...(headers && { headers }) })).status;
};

async function untilStatus(status: number, path: string, key?: string): Promise<void> {
  for (const end = Date.now() + 30_000; (await ask(path, key)) !== status; await sleep(50))
    if (Date.now() > end) throw new Error(`${path} does not become ${status}`);
}

// One story: a newsroom puts the service on a server.
describe('claimline keys', () => {
  let desk: string;

  it('are needed before others reach the service: it does not start, and says what to do', async () => {
    const refused = await failure(NotReady, start({ HOST: '0.0.0.0', PROJECTOR_PROCESS: 'true' }));
    expect(refused.said).toMatch(
      /^HOST is 0\.0\.0\.0, which others reach, and there is no key yet[^]*claimline keys create[^]*OPEN=read[^]*OPEN=all/m,
    );
    expect(refused.said).not.toContain('is ready');
  }, 60_000);

  it('create makes the first one without a service, alone on standard output', async () => {
    const made = await keys('create', '--name', 'Desk', '--role', 'curate', '--role', 'operate');
    expect(made).toEqual({
      code: 0,
      out: expect.stringMatching(/^cl_[0-9a-f]{12}_\S{43}\n$/),
      err: expect.stringMatching(/^[0-9a-f]{12} "Desk" \(curate, operate\), without an expiry\. .*once/),
    });
    desk = made.out.trim();
    expect(made.err).not.toContain(desk.slice(-43));
    await start({ HOST: '0.0.0.0' });
    expect(readFileSync(join(folder, 'log'), 'utf8')).not.toMatch(/^Open to everybody/m);
    expect([await ask('/v1/locations'), await ask('/v1/locations', desk)]).toEqual([401, 200]);
  }, 60_000);

  it('create makes another beside the service, and revoke ends it', async () => {
    const made = await keys('create', '--name', 'Worker 7', '--role', 'ingest', '--expires', '90d', '--json');
    const { id, key, expiresAt, createdBy } = JSON.parse(made.out) as IssuedKey;
    expect(Date.parse(expiresAt!) - Date.now()).toBeGreaterThan(89 * 86_400_000);
    expect(createdBy).toMatch(/ \(command line\)$/);
    await untilStatus(200, '/v1/locations', key);
    const rotated = (await keys('rotate', id)).out.trim();
    await untilStatus(401, '/v1/locations', key);
    await untilStatus(200, '/v1/locations', rotated);
    const listed = async (...options: string[]) =>
      (await keys('list', '--json', ...options)).out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Key);
    expect((await listed()).map(({ name, state }) => [name, state])).toEqual([
      ['Worker 7', 'active'],
      ['Desk', 'active'],
    ]);
    expect(await keys('revoke', id)).toEqual({
      code: 0,
      out: `revoked: ${id} "Worker 7" (ingest), within a second\n`,
      err: '',
    });
    expect(await keys('revoke', id)).toEqual({
      code: 0,
      out: expect.stringMatching(`^${id} "Worker 7" \\(ingest\\) was revoked already, at 20[^ ]+Z\n$`),
      err: '',
    });
    await untilStatus(401, '/v1/locations', rotated);
    expect((await listed()).map(({ name }) => name)).toEqual(['Desk']);
    expect((await listed('--all')).map(({ state }) => state)).toEqual(['revoked', 'active']);
    const shown = await keys('list');
    expect(shown.out).toMatch(/^[0-9a-f]{12} {2}active .*curate,operate .*last used .*Desk\n$/);
  }, 60_000);

  it('that do not exist, or could not be used, are an error', async () => {
    expect(await keys('revoke', '000000000000')).toEqual({ code: 1, out: '', err: 'no key has this id\n' });
    expect(await keys('rotate', 'nonsense')).toEqual({ code: 1, out: '', err: 'no key has this id\n' });
    expect(await keys('create', '--name', ' ', '--role', 'read')).toEqual({
      code: 2,
      out: '',
      err: '/name must not be empty\n',
    });
  }, 60_000);

  it('leave nothing of themselves in the log of the service', async () => {
    await stop();
    const log = readFileSync(join(folder, 'log'), 'utf8');
    expect(log).toContain('"path":"/v1/locations"');
    expect(log).not.toMatch(/cl_[0-9a-f]{12}_/);
  }, 60_000);
});

describe('OPEN', () => {
  it.each([
    [
      { HOST: '0.0.0.0', OPEN: 'all' },
      /^Open to everybody who reaches it, without a key \(OPEN=all\)$/m,
      200,
    ],
    [
      { HOST: '0.0.0.0', OPEN: 'read' },
      /^Open to everybody for reading \(OPEN=read\); everything else needs a key$/m,
      401,
    ],
    [
      { HOST: 'localhost' },
      /^Open to everybody on this machine, because there is no key yet: `claimline keys create`/m,
      200,
    ],
  ])(
    '%j: the start says so in one line',
    async (more, line, metrics) => {
      const logFile = join(folder, `${JSON.stringify(more).replaceAll(/\W/g, '')}.log`);
      serving = await startService({ env: { ...env, DATA_DIR: join(folder, 'open'), ...more }, logFile });
      for (const end = Date.now() + 30_000; !line.test(readFileSync(logFile, 'utf8')); await sleep(20))
        if (Date.now() > end) throw new Error(readFileSync(logFile, 'utf8'));
      expect([await ask('/v1/locations'), await ask('/metrics')]).toEqual([200, metrics]);
      await stop();
    },
    60_000,
  );
});
