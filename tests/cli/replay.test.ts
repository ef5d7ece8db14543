import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '#libs/domain';
import { topicsAtHand } from '../kafka/topics-at-hand.js';
import { BEGIN, HOUR_MS, monthOf, SHARDS } from '../support/month.js';
import { describeKafka } from '../support/kafka/test-broker.js';

const MAIN = resolve('dist/apps/cli/src/main.js');

let month: Awaited<ReturnType<typeof monthOf>>;
let folder: string;
beforeAll(async () => {
  month = await monthOf(100, 10);
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'replay-'));
}, 60_000);
afterAll(() => month.drop());

const at = (hour: number) => new Date(BEGIN + hour * HOUR_MS).toISOString();

function begin(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, 'replay', ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: month.url, SHARDS: String(SHARDS), ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}
const replay = (args: string[], env?: NodeJS.ProcessEnv) => begin(args, env).ended;
const eventsOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
const ids = (events: readonly RecordedEvent[]) => events.map(({ eventId }) => eventId);

describe('claimline replay', () => {
  let everything: RecordedEvent[];

  it('writes a range to standard output, and only that', async () => {
    const all = await replay(['--out', '-']);
    expect(all).toMatchObject({
      code: 0,
      err: expect.stringContaining(`${month.events} events written, up to `),
    });
    everything = eventsOf(all.out);
    expect(everything).toHaveLength(month.events);
    expect(everything.map(({ recordedAt }) => recordedAt)).toEqual(
      everything.map(({ recordedAt }) => recordedAt).toSorted(),
    );
    const some = await replay([
      '--out',
      '-',
      '--from',
      at(10),
      '--to',
      at(60),
      '--location',
      'place-1',
      'place-2',
      'register',
      '--type',
      'claim.asserted',
      '--type',
      'location.registered',
    ]);
    const wanted = everything.filter(
      ({ stream, recordedAt }) =>
        ['place-1', 'place-2', 'register'].includes(stream) && recordedAt >= at(10) && recordedAt <= at(60),
    );
    expect(wanted.length).toBeGreaterThan(5);
    expect(ids(eventsOf(some.out))).toEqual(ids(wanted));
    expect(await replay(['--out', '-', '--type', 'location.merged', '--json'])).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('"events":0,"done":true'),
    });
  }, 60_000);

  it('writes a file, and where Ctrl-C ends it says where to resume; the file is whole then', async () => {
    const file = join(folder, 'month.ndjson');
    const { child, ended } = begin(['--out', file, '--speed', '36000x']);
    await grown(file);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).not.toBe(0);
    const [, token] = /stopped; to resume: --after (\S+)/.exec(out)!;
    const begun = eventsOf(readFileSync(file, 'utf8'));
    expect(begun.length).toBeGreaterThan(0);
    expect(begun.length).toBeLessThan(month.events);
    const more = await replay(['--out', file, '--after', token!, '--json']);
    expect(more.code).toBe(0);
    expect(JSON.parse(more.out)).toMatchObject({ events: month.events - begun.length, done: true });
    expect(ids(eventsOf(readFileSync(file, 'utf8')))).toEqual(ids(everything));
    appendFileSync(file, 'kept\n');
    expect(await replay(['--out', file])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already'),
    });
    expect(await replay(['--out', file, '--resume'])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`line ${month.events + 1}: not an event`),
    });
    expect(readFileSync(file, 'utf8')).toContain('kept');
  }, 60_000);

  it('resumes a file after kill -9, also where a line was cut off', async () => {
    const file = join(folder, 'killed.ndjson');
    const asked = ['--out', file, '--to', at(90), '--type', 'claim.asserted', 'claim.denied', '--resume'];
    const wanted = everything.filter(
      ({ type, recordedAt }) => ['claim.asserted', 'claim.denied'].includes(type) && recordedAt <= at(90),
    );
    const { child, ended } = begin([...asked, '--speed', '36000x']);
    await grown(file);
    child.kill('SIGKILL');
    await ended;
    const left = readFileSync(file, 'utf8');
    const begun = eventsOf(left.slice(0, left.lastIndexOf('\n')));
    expect(begun.length).toBeLessThan(wanted.length);
    appendFileSync(file, JSON.stringify(wanted[begun.length]).slice(0, 100));
    const more = await replay([...asked, '--json']);
    expect(JSON.parse(more.out)).toMatchObject({ events: wanted.length - begun.length, done: true });
    expect(ids(eventsOf(readFileSync(file, 'utf8')))).toEqual(ids(wanted));
    expect(JSON.parse((await replay([...asked, '--json'])).out)).toMatchObject({ events: 0, done: true });
    // What somebody else wrote stays, be it without the end of a line.
    const foreign = join(folder, 'foreign.txt');
    appendFileSync(foreign, 'kept');
    expect(await replay(['--out', foreign, '--resume'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('line 1: not an event'),
    });
    expect(readFileSync(foreign, 'utf8')).toBe('kept');
  }, 60_000);

  async function grown(file: string): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      try {
        if (readFileSync(file).length > 0) return;
      } catch {
        // Not there yet.
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  it('says what is wrong, by exit code 2', async () => {
    const wrong: [string[], string][] = [
      [[], 'either --to-topic or --out'],
      [['--out', '-', '--to-topic', 'x'], 'either --to-topic or --out'],
      [['--out', '-', '--resume'], '--resume continues the file of --out'],
      [['--out', 'x', '--after', '0:1', '--resume'], 'no --after'],
      [['--out', '-', '--from', 'yesterday'], 'It must be a token, or'],
      [['--out', '-', '--speed', 'fast'], 'multiple of real time'],
      [['--out', '-', '--type', 'nonsense'], 'It must be one of claim.asserted'],
      [['--out', '-', '--location', 'a b'], 'It must be the id of a place'],
      [
        ['--out', '-', '--after', '0:999999'],
        '--after names position 999999 of shard 0, which the log has not reached',
      ],
      [['--to-topic', 'x'], 'KAFKA_BROKERS'],
    ];
    for (const [args, said] of wrong)
      expect([args, await replay(args)]).toMatchObject([
        args,
        { code: 2, out: '', err: expect.stringContaining(said) },
      ]);
    expect((await replay(['--help'])).out).toContain('--speed 60x');
  }, 120_000);

  describeKafka('to a topic', () => {
    it('sends it, says by which run, and resumes where Ctrl-C ended it', async () => {
      const topics = await topicsAtHand();
      const topic = `${topics.prefix}.month`;
      const { child, said, ended } = begin(['--to-topic', topic, '--speed', '36000x'], topics.env);
      await topics
        .until(topic, (seen) => seen.length > 50)
        .catch((error: Error) => Promise.reject(new Error(`${error.message}: ${said.err}`)));
      child.kill('SIGINT');
      const stopped = await ended;
      expect(stopped.code).not.toBe(0);
      const [, token] = /stopped; to resume: --after (\S+)/.exec(stopped.out)!;
      const rest = await replay(['--to-topic', topic, '--after', token!, '--json'], topics.env);
      expect(rest.code).toBe(0);
      const summary = JSON.parse(rest.out) as { events: number; replayId: string };
      const seen = await topics.all(topic);
      expect(new Set(seen.map(({ headers }) => headers.ce_id))).toEqual(new Set(ids(everything)));
      expect(seen.filter(({ headers }) => headers.replay === summary.replayId)).toHaveLength(summary.events);
      expect(await replay(['--to-topic', topics.topics.events], topics.env)).toMatchObject({
        code: 1,
        err: expect.stringContaining('a topic of the service itself'),
      });
      await topics.close();
    }, 120_000);
  });
});
