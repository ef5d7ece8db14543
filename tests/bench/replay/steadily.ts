import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Serving } from '../../support/service.js';

export interface Steady {
  requests: number;
  p50: number;
  p99: number;
  max: number;
}

/** Asks a service at a fixed rate (steady-load.ts) while something is done. @returns what the answers took meanwhile */
export async function steadily(
  { url }: Serving,
  rate: number,
  places: number,
  meanwhile: () => Promise<void>,
): Promise<Steady> {
  const child = spawn(
    process.execPath,
    [resolve('dist/tests/bench/replay/steady-load.js'), url, String(rate), String(places)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  if ((await lines.next()).done) throw new Error('the load did not begin');
  await meanwhile();
  child.stdin.end();
  const { value, done } = await lines.next();
  await exit;
  if (done) throw new Error('the load failed');
  return JSON.parse(value) as Steady;
}
