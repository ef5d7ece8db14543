import { expect, test } from '@jest/globals';
import { createLogger } from '../src/logs.js';
import { Readiness } from '../src/readiness.js';

function watched() {
  const lines: { msg: string; level: number; problems?: string[] }[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
  return { readiness: new Readiness(log), lines };
}

test('a reason is logged when it comes, changes or goes, however often it is asked for, and without a stack', async () => {
  const { readiness, lines } = watched();
  let database: (() => string | undefined) | undefined = () => {
    throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
  };
  let relay: string | undefined;
  readiness.add('relay', async () => relay);
  readiness.add('database', async () => database?.());
  for (let time = 0; time < 3; time++)
    expect(await readiness.problems()).toEqual(['database: connect ECONNREFUSED 127.0.0.1:5432']);
  for (const seconds of [16, 17, 18]) {
    relay = `the database or the brokers have not answered for ${seconds} s`;
    expect(await readiness.problems()).toHaveLength(2);
  }
  database = relay = undefined;
  for (let time = 0; time < 3; time++) expect(await readiness.problems()).toEqual([]);
  expect(lines.map(({ msg, level }) => [msg, level])).toEqual([
    ['not ready', 40],
    ['not ready', 40],
    ['ready again', 30],
  ]);
  expect(lines[0]!.problems).toEqual(['database: connect ECONNREFUSED 127.0.0.1:5432']);
  expect(JSON.stringify(lines)).not.toContain('stack');
});

test('another shard that stands still is a change', async () => {
  const { readiness, lines } = watched();
  let shard = 3;
  readiness.add('projector', async () => `shard ${shard} stands still at event x (${shard}:7): no`);
  await readiness.problems();
  shard = 4;
  await readiness.problems();
  expect(lines).toHaveLength(2);
});
