import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { EventStore } from '#libs/log';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRunning, type Running } from '../api/running.js';
import { topicsAtHand, type TopicsAtHand } from '../kafka/topics-at-hand.js';
import { isOnPath, runsSources } from '../support/kafka/java.js';
import { jarsOf } from '../support/kafka/jars.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { pythonWith, whyNoPython } from '../support/python.js';

const FOLDER = resolve('examples/cloudevents');
const CONFLUENT = 'confluent-kafka==2.16.1';

/** The official SDKs, each with the program that docs/ingest-workers.md quotes, and how it is run. */
const readers: { sdk: string; file: string; command: () => Promise<string[]>; isHere: () => boolean }[] = [
  {
    sdk: 'Python 1.x',
    file: 'read_with_1.py',
    command: async () => [pythonWith(['cloudevents==1.13.0', CONFLUENT])],
    isHere: () => whyNoPython() === undefined,
  },
  {
    sdk: 'Python 2.x',
    file: 'read_with_2.py',
    command: async () => [pythonWith(['cloudevents==2.2.0', CONFLUENT])],
    isHere: () => whyNoPython() === undefined,
  },
  { sdk: 'JavaScript', file: 'read.mjs', command: async () => [process.execPath], isHere: () => true },
  {
    sdk: 'Java',
    file: 'Read.java',
    command: async () => [
      'java',
      '-cp',
      join(await jarsOf(join(FOLDER, 'pom.xml'), resolve('.cache/cloudevents/4.0.1')), '*'),
    ],
    isHere: () => isOnPath('mvn') && runsSources(),
  },
];

describeKafka('the SDKs of CloudEvents read what the relay sends', () => {
  let at: TopicsAtHand;
  let running: Running;
  /** By place in the log: what a reader has to say of an event. */
  const expected = new Map<string, { facts: string[]; stream: string }>();

  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning({ ...at.env, SHARDS: '2' });
    await running.record({
      location: { name: "Куп'янськ", country: 'UA' },
      source: { outlet: 'a.example', quote: '"So it is" – ŻÓŁĆ, 中, 🙂' },
    });
    await running.record({ stance: 'deny', location: { name: 'Hama', country: 'SY' } });
    await running.send('POST', '/v1/locations', { id: 'somewhere', names: [{ name: 'Somewhere' }] });
    const source = `urn:claimline:store:${running.service.app.get(EventStore).id}`;
    const { json } = await running.get('/v1/events');
    for (const { eventId, type, recordedAt, shard, position, stream } of json.items as Record<
      string,
      string
    >[])
      expected.set(`${shard}:${position}`, {
        facts: [eventId!, type!, source, recordedAt!],
        stream: stream!,
      });
    expect(expected.size).toBe(3);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  for (const { sdk, file, command, isHere } of readers)
    (process.env.CLAIMLINE_REQUIRE_KAFKA === '1' || isHere() ? test : test.skip)(
      `${sdk}: ids, types, sources, times and data`,
      async () => {
        const [program, ...args] = await command();
        const child = spawn(program!, [...args, join(FOLDER, file), at.env.KAFKA_BROKERS, at.topics.events], {
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const ended = once(child, 'close');
        let complained = '';
        child.stderr.on('data', (chunk) => (complained += String(chunk)));
        const said = new Map<string, string>();
        for await (const line of createInterface(child.stdout)) {
          const [, place, rest] = /^(\d+:\d+) (.*)$/.exec(line) ?? [];
          if (place !== undefined) said.set(place, rest!);
          if (said.size === expected.size) child.kill('SIGKILL');
        }
        await ended;
        if (said.size < expected.size)
          throw new Error(`${sdk} did not read everything: ${complained.slice(-3000)}`);
        for (const [place, { facts, stream }] of expected) {
          const [, id, type, source, time, data] = /^(\S+) (\S+) (\S+) (\S+) (.*)$/.exec(said.get(place)!)!;
          // Java leaves out what is zero at the end of a time; it has no JSON of its own, and shows the value whole.
          expect([id, type, source, new Date(time!).toISOString()]).toEqual(facts);
          expect(data!.startsWith('{') ? (JSON.parse(data!) as { stream: string }).stream : data).toBe(
            stream,
          );
        }
      },
      180_000,
    );
});

describe('docs/ingest-workers.md', () => {
  test('shows the code of these programs', () => {
    const programs = readers.map(({ file }) => readFileSync(join(FOLDER, file), 'utf8'));
    const dedented = (code: string) => code.replaceAll(/^ +/gm, '');
    const blocks = [
      ...readFileSync('docs/ingest-workers.md', 'utf8').matchAll(/```(?:python|js|java)\n(.*?)```/gs),
    ].map(([, code]) => code!);
    expect(blocks).toHaveLength(readers.length);
    for (const block of blocks)
      expect(programs.filter((program) => dedented(program).includes(dedented(block)))).toHaveLength(1);
  });
});
