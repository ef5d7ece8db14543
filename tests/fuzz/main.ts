// npm run fuzz: FUZZ_CALLS calls (default 20,000) that schemathesis makes of /openapi.json, to a service with the sample data;
// FUZZ_SEED repeats a run. Ends with 1 where an answer is a 5xx, or not as the document says.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pythonWith, whyNoPython } from '../support/python.js';
import { startService } from '../support/service.js';
import { fuzz } from './fuzz.js';

const SCHEMATHESIS = 'schemathesis==4.32.5';
const SAMPLE = 'examples/kupiansk-2025-11';
/** The level of the log from which a line is a fault. */
const ERROR = 50;

const numberOf = (name: string, otherwise: number): number => {
  const number = Number(process.env[name] ?? otherwise);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} must be a whole number above 0`);
  return number;
};
const calls = numberOf('FUZZ_CALLS', 20_000);
const seed = numberOf('FUZZ_SEED', 1 + Math.floor(Math.random() * 2 ** 31));

const missing = whyNoPython();
if (missing) console.log(`fuzz: skipped, because ${missing}`);
else process.exitCode = await run();

async function run(): Promise<number> {
  const python = pythonWith([SCHEMATHESIS]);
  const folder = mkdtempSync(join(tmpdir(), 'claimline-fuzz-'));
  // As root the server runs as another user, who has to get in.
  chmodSync(folder, 0o755);
  // Whatever happens to this process, what it has started ends, and its folder goes.
  const janitor = spawn(process.execPath, [resolve('tests/support/janitor.mjs'), folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  const logFile = join(folder, 'service.log');
  const DATA_DIR = join(folder, 'data');
  const key = adminKey(DATA_DIR);
  const service = await startService({
    env: {
      DATA_DIR,
      OPEN: 'all',
      PORT: '0',
      LOG_LEVEL: 'warn',
      GAZETTEER_FILE: resolve(SAMPLE, 'gazetteer.ndjson'),
    },
    logFile,
  });
  try {
    await load(service.url);
    const faults = await fuzz({ python, url: service.url, key, calls, seed, folder, say: console.log });
    for (const line of failures(logFile)) faults.push(`the log of the service: ${line}`);
    for (const fault of faults) console.log(`FAULT: ${fault}`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    service.signal('SIGTERM');
    await service.ended;
    janitor.stdin.end();
    await once(janitor, 'exit');
  }
}

/** Makes a store with a key. */
function adminKey(DATA_DIR: string): string {
  const args = ['dist/apps/cli/src/main.js', 'keys', 'create', '--name', 'fuzz', '--role', 'admin'];
  const { PATH, HOME, TMPDIR } = process.env;
  return execFileSync(process.execPath, args, {
    env: { PATH, HOME, TMPDIR, DATA_DIR },
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/** Records the sample, so that ids, names and times of the document's examples find something. */
async function load(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: readFileSync(resolve(SAMPLE, 'statements.ndjson')),
  });
  const { recorded } = JSON.parse((await answer.text()).trim().split('\n').at(-1)!) as { recorded?: number };
  if (!recorded) throw new Error('the sample was not recorded');
}

/** What the service logged of requests that failed. */
function failures(logFile: string): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && (JSON.parse(line) as { level: number }).level >= ERROR)
    .slice(0, 20)
    .map((line) => line.slice(0, 2000));
}
