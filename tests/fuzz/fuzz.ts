import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface FuzzOptions {
  /** The interpreter of an environment with schemathesis. */
  python: string;
  url: string;
  /** Of an admin. */
  key: string;
  /** How many calls to make at least. */
  calls: number;
  seed: number;
  /** For reports. */
  folder: string;
  say: (line: string) => void;
}

const HOOKS = resolve('tests/fuzz/hooks.py');
/** Endless, so that no answer is whole. */
const LEFT_OUT = ['followStream'];
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
/** Examples of the document and the bounds of every field are always the same, and the bounds are thousands; the rest is random. */
const PHASES = { short: 'examples,fuzzing', first: 'examples,coverage,fuzzing', later: 'fuzzing,stateful' };
/** A shorter run leaves the bounds out. */
const CALLS_WITH_BOUNDS = 6000;
/** Of each operation in a round. */
const MAX_EXAMPLES = 100;
const REQUEST_TIMEOUT_S = 40;
/** A request may be very long. */
const MAX_REPORT_LINE = 400;

/** Calls a service at random, as its document allows and as it does not. @returns what went wrong */
export async function fuzz({ python, url, key, calls, seed, folder, say }: FuzzOptions): Promise<string[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const begin = sum((await answersOf(url)).values());
  const started = Date.now();
  const faults: string[] = [];
  let made = 0;
  for (let round = 0; made < calls && faults.length === 0; round++) {
    const left = Math.ceil((calls - made) / operations.length);
    const report = await schemathesis(python, url, {
      key,
      seed: seed + round,
      phases: round > 0 ? PHASES.later : calls < CALLS_WITH_BOUNDS ? PHASES.short : PHASES.first,
      examples: Math.max(1, Math.min(MAX_EXAMPLES, left)),
      file: join(folder, `round-${round}.txt`),
    });
    if (report !== undefined) faults.push(`seed ${seed + round}:\n${report}`);
    const before = made;
    made = sum((await answersOf(url)).values()) - begin;
    if (made === before) throw new Error('schemathesis made no calls');
    say(
      `${made} calls to ${operations.length} operations in ${Math.round((Date.now() - started) / 1000)} s (seed ${seed})`,
    );
  }
  const answers = await answersOf(url);
  for (const operation of operations) {
    const all = [...answers].filter(([key]) => key.endsWith(` ${operation}`));
    const successes = all.filter(([key]) => key.startsWith('2'));
    if (sum(successes.map(([, count]) => count)) > 0) continue;
    say(
      `  ${operation} had no success: ${all.map(([key, count]) => `${count} of ${key.split(' ', 1)[0]}`).join(', ') || 'no calls'}`,
    );
  }
  return faults;
}

/** @returns its report where it found something */
async function schemathesis(
  python: string,
  url: string,
  {
    key,
    seed,
    phases,
    examples,
    file,
  }: { key: string; seed: number; phases: string; examples: number; file: string },
): Promise<string | undefined> {
  const options = {
    checks: CHECKS.join(','),
    phases,
    'max-examples': examples,
    seed,
    'generation-database': 'none',
    'suppress-health-check': 'all',
    'request-timeout': REQUEST_TIMEOUT_S,
    warnings: 'off',
  };
  const args = [
    '-m',
    'schemathesis.cli',
    'run',
    `${url}/openapi.json`,
    '--continue-on-failure',
    '--no-color',
    '--header',
    `Authorization: Bearer ${key}`,
  ];
  for (const [name, value] of Object.entries(options)) args.push(`--${name}`, String(value));
  for (const id of LEFT_OUT) args.push('--exclude-operation-id', id);
  const to = openSync(file, 'w');
  // It keeps what it found in the folder that it runs in.
  const child = spawn(python, args, {
    stdio: ['ignore', to, to],
    cwd: dirname(file),
    env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS, FUZZ_KEY_ID: key.split('_')[1] },
  });
  closeSync(to);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === 0) return undefined;
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.slice(0, MAX_REPORT_LINE)).join('\n');
}

/** How many requests the service has answered, by status, method and route. */
async function answersOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(
    /^claimline_http_request_seconds_count\{method="(.*?)",route="(.*?)",status="(.*?)"\} (\d+)$/gm,
  );
  return new Map(
    Array.from(found, ([, method, route, status, count]) => [`${status} ${method} ${route}`, Number(count)]),
  );
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, one) => all + one, 0);
