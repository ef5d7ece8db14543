import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readEvents } from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { eventAt, TestTopics } from './topics.js';

const folder = mkdtempSync(join(tmpdir(), 'claimline-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** When an example that does not end is killed: later than a request of the client gives up (30 s), so that it says so. */
const DEADLINE_MS = 40_000;

/** An example as it was built, in a process of its own, until it ends or has printed this number of lines. */
async function run(
  example: string,
  args: string[],
  env: Record<string, string>,
  lines = Infinity,
): Promise<{ code: number; said: string[]; complained: string }> {
  const child = spawn(process.execPath, [join('dist/examples', `${example}.js`), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number]>;
  let complained = '';
  const deadline = setTimeout(() => {
    complained += `still running after ${DEADLINE_MS} ms`;
    child.kill('SIGKILL');
  }, DEADLINE_MS);
  child.stderr.on('data', (chunk) => (complained += String(chunk)));
  const said: string[] = [];
  for await (const line of createInterface(child.stdout))
    if (said.push(line) === lines) child.kill('SIGTERM');
  const [code] = await ended;
  clearTimeout(deadline);
  return { code, said, complained };
}

describe('examples over HTTP', () => {
  let running: Running;
  beforeAll(async () => {
    running = await startRunning();
  });
  afterAll(() => running.stop());

  test('the worker records its statements, also when it runs again; the consumer resumes where it was', async () => {
    const env = { CLAIMLINE_URL: running.url };
    const file = join(folder, 'statements.ndjson');
    const token = join(folder, 'http.token');
    appendFileSync(file, readFileSync('examples/statements.ndjson'));
    const first = await run('worker', [], env);
    expect(first).toEqual({
      code: 0,
      complained: '',
      said: Array.from({ length: 5 }, () => expect.stringMatching(/^queued: [0-9a-f-]{36}$/)),
    });
    const seen = await run('consumer', [token], env, 5);
    expect([seen.code, seen.complained]).toEqual([0, '']);
    expect(seen.said.map((line) => line.split(' ')[2]!).toSorted()).toEqual([
      'claim.asserted',
      'claim.asserted',
      'claim.asserted',
      'claim.asserted',
      'claim.denied',
    ]);

    const [denial] = readFileSync(file, 'utf8').split('\n').slice(1);
    appendFileSync(
      file,
      [
        denial!.replace('/2"', '/6"'),
        '{"stance":"maybe"}',
        denial!
          .replace('{', '{"statementId":"0f000000-0000-4000-8000-000000000001",')
          .replace('"name":"Vovchansk","region":"Kharkiv","country":"UA"', '"id":"nowhere"'),
        '',
      ].join('\n'),
    );
    const again = await run('worker', [file], env);
    expect(again.said.slice(0, 5)).toEqual(first.said);
    expect(again.said).toHaveLength(7);
    expect(again.complained).toMatch(/^invalid: statement 0: \/stance must be one of "assert", "deny"; /m);
    expect(again.complained).toMatch(/^refused: 0f000000-0000-4000-8000-000000000001 location-unknown: /m);
    const more = await run('consumer', [token], env, 1);
    expect(more.said).toEqual([expect.stringMatching(/ claim\.denied /)]);

    const events: string[] = [];
    for await (const { eventId } of readEvents({ url: running.url, follow: false })) events.push(eventId);
    expect(events).toHaveLength(6);
    for await (const _ of readEvents({ url: running.url, follow: false, after: readFileSync(token, 'utf8') }))
      throw new Error('the consumer left something out');
  }, 120_000);
});

describeKafka('examples over Kafka', () => {
  let topics: TestTopics;
  beforeAll(async () => {
    topics = await TestTopics.create(2);
  }, 120_000);
  afterAll(() => topics.close());

  test('the worker, and the consumer that resumes where it was', async () => {
    const env = { KAFKA_BROKERS: topics.brokers.join(','), KAFKA_PREFIX: topics.prefix };
    const token = join(folder, 'kafka.token');
    const worker = await run('worker', [], env);
    expect([worker.code, worker.complained]).toEqual([0, '']);
    const keys = (await topics.all(topics.topics.statements)).map(({ key }) => `queued: ${key!.toString()}`);
    expect(keys.toSorted()).toEqual(worker.said.toSorted());

    await topics.send(
      topics.topics.events,
      [1, 2, 3].map((position) => eventAt(1, position)),
    );
    const first = await run('consumer', [token], env, 2);
    expect([first.code, first.complained]).toEqual([0, '']);
    const handled = first.said.length;
    await topics.send(topics.topics.events, [eventAt(1, 4)]);
    const second = await run('consumer', [token], env, 4 - handled);
    expect([...first.said, ...second.said].map((line) => line.split(' ')[0])).toEqual([
      '1:1',
      '1:2',
      '1:3',
      '1:4',
    ]);
    expect(await topics.groups()).toEqual([]);
  });
});

describe('docs/ingest-workers.md', () => {
  test('shows the code of the examples', () => {
    const examples = ['worker', 'consumer'].map((name) =>
      readFileSync(`examples/${name}.ts`, 'utf8').replaceAll("'#libs/client'", "'@claimline/client'"),
    );
    const blocks = [...readFileSync('docs/ingest-workers.md', 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
      ([, code]) => code!,
    );
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect(examples.filter((example) => example.includes(block))).toHaveLength(1);
  });
});
