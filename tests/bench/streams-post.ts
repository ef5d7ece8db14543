// A process of its own that posts statements at a fixed rate, whatever the answers take; `by` of each says when it was due.
// Arguments: the URL, statements a second, how many to leave out at first, a file of statements.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figure.js';
import { postRequest, Wire } from './wire.js';

const [url, rate, warmUp, file] = process.argv.slice(2) as [string, string, string, string];
const statements = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as object);
const idle = await Promise.all(Array.from({ length: 32 }, () => Wire.open(url)));
const took: number[] = [];

async function post(statement: object, due: number, counts: boolean): Promise<void> {
  const wire = idle.pop() ?? (await Wire.open(url));
  const body = JSON.stringify({ ...statement, by: `due-${Math.round(due)}` });
  const { status, body: answer } = await wire.ask(postRequest('/v1/statements', body));
  if (status !== 201) throw new Error(`${status} ${answer}`);
  idle.push(wire);
  if (counts) took.push(performance.timeOrigin + performance.now() - due);
}

const begin = Date.now();
const under: Promise<void>[] = [];
for (const [at, statement] of statements.entries()) {
  const due = begin + (at * 1000) / Number(rate);
  if (due > Date.now()) await sleep(due - Date.now());
  under.push(post(statement, due, at >= Number(warmUp)));
}
await Promise.all(under);
for (const wire of idle) wire.close();
console.log(JSON.stringify({ p50: quantile(took, 0.5), p99: quantile(took, 0.99) }));
