import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { forkedParts } from '#libs/service';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { NotReady, startService, type Serving } from '../support/service.js';

let database: TestDatabase;
let serving: Serving | undefined;
let logFile: string;
let started = 0;

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  serving?.signal('SIGKILL');
  await serving?.ended;
});
afterAll(() => database?.drop());

async function start(env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = [], parts: string[] = []) {
  logFile = join(process.env.CLAIMLINE_TEST_TMP!, `forked-projector-${(started += 1)}.log`);
  serving = await startService(
    { env: { DATABASE_URL: database.url, PORT: '0', PROJECTOR_PROCESS: 'true', ...env }, logFile, nodeArgs },
    parts,
  );
  return { ...serving, children: childrenOf(serving.pid) };
}

/** Records a statement, and reads its place with its token. @returns how many statements the place shows */
async function recordAndRead(day: number): Promise<number> {
  const posted = await fetch(`${serving!.url}/v1/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: `Town ${started}` },
      speaker: { party: 'russia' },
      statedAt: `2025-11-${String(day).padStart(2, '0')}`,
    }),
  });
  const { locationId, token } = (await posted.json()) as { locationId: string; token: string };
  const read = await fetch(`${serving!.url}/v1/locations/${locationId}?after=${token}&wait=20000`);
  return ((await read.json()) as { statements: number }).statements;
}

async function projectors(): Promise<number[]> {
  Object.assign(process.env, { DATABASE_URL: database.url });
  const { out } = await claimline('status', '--json');
  return (JSON.parse(out) as { projectors: { pid: number }[] }).projectors.map(({ pid }) => pid);
}

async function untilGone(...pids: number[]): Promise<void> {
  for (const end = Date.now() + 10_000; pids.some(isRunning); await sleep(20))
    if (Date.now() > end) throw new Error(`still running: ${pids.filter(isRunning).join(', ')}`);
}

describe('start with the projector in a process of its own', () => {
  it('is one service: one address, one log, metrics and readiness of both; SIGTERM ends both with 0', async () => {
    const { url, children, ended } = await start();
    expect(children).toHaveLength(1);
    expect(await recordAndRead(1)).toBe(1);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', open: 'everything' });
    expect(await projectors()).toEqual(children);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^claimline_events_projected_total [1-9]/m);
    expect(metrics).toMatch(/^claimline_events_appended_total [1-9]/m);
    expect(metrics).toMatch(/^claimline_projection_lag_events\{shard="0"\} 0$/m);
    expect(metrics).toMatch(/^process_cpu_seconds_total [\d.]+$/m);
    expect(metrics).toMatch(/^process_cpu_seconds_total\{part="projector"\} [\d.]+$/m);
    expect(metrics).not.toMatch(/(null|undefined)$/m);
    // Each series once.
    const series = metrics.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const names = series.map((line) => line.replace(/ \S+$/, ''));
    expect(new Set(names).size).toBe(names.length);
    serving!.signal('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(children.filter(isRunning)).toEqual([]);
    const log = readFileSync(logFile, 'utf8');
    expect(log).toContain(`"part":"projector","childPid":${children[0]}`);
    expect(log.match(/fsync is off/g)).toHaveLength(1);
  }, 60_000);

  it('Ctrl-C, which goes to both, ends it in order: the projector works until it is told to stop', async () => {
    const { children, ended } = await start();
    process.kill(children[0]!, 'SIGINT');
    process.kill(children[0]!, 'SIGTERM');
    expect(await recordAndRead(2)).toBe(1);
    serving!.signal('SIGINT');
    process.kill(children[0]!, 'SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(children.filter(isRunning)).toEqual([]);
  }, 60_000);

  it('leaves no process behind when it is killed', async () => {
    const { children, ended } = await start();
    expect(await recordAndRead(3)).toBe(1);
    serving!.signal('SIGKILL');
    await ended;
    await untilGone(...children);
  }, 60_000);

  it('ends with an error when the projector is killed; the next start goes on', async () => {
    const { children, ended } = await start();
    process.kill(children[0]!, 'SIGKILL');
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(readFileSync(logFile, 'utf8')).toContain('"msg":"the process of the projector is lost"');
    expect(readFileSync(logFile, 'utf8')).toContain('the process of the projector ended by SIGKILL');
    await start();
    expect(await recordAndRead(4)).toBe(1);
  }, 60_000);

  it('does not start where the projector cannot, and says why once', async () => {
    // Options of Node go to both processes.
    const failing = `data:text/javascript,if (process.argv[1].endsWith('forked.js')) process.exit(7)`;
    const failed = await start({}, ['--import', failing]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(NotReady);
    expect((failed as NotReady).said).toMatch(/^the process of the projector ended by code 7$/m);
    serving = undefined;
    const wrong = await start({ RULESET_FILE: 'no-such-file.json' }).catch((error: unknown) => error);
    expect((wrong as NotReady).said.match(/^.*no-such-file.*$/gm)).toHaveLength(1);
  }, 60_000);
});

describe('the projector in the process of the service', () => {
  it.each<[string, NodeJS.ProcessEnv, string[]]>([
    ['where PROJECTOR_PROCESS is false', { PROJECTOR_PROCESS: 'false' }, []],
    ['where parts are named', {}, ['api', 'projector']],
  ])(
    '%s',
    async (_, env, parts) => {
      const { url, pid, children } = await start(env, [], parts);
      expect(children).toEqual([]);
      expect(await recordAndRead(5)).toBe(1);
      expect(await projectors()).toEqual([pid]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(/^claimline_events_projected_total [1-9]/m);
      expect(metrics).not.toContain('part="projector"');
    },
    60_000,
  );

  it('where there is one core', () => {
    expect(forkedParts({}, 1)).toEqual([]);
    expect(forkedParts({}, 2)).toEqual(['projector']);
    expect(forkedParts({ projectorProcess: true }, 1)).toEqual(['projector']);
    expect(forkedParts({ projectorProcess: false }, 2)).toEqual([]);
  });
});
