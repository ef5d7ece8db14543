import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Jobs, JobWorker, type Job, type JobHandler, type JobProgress } from '#libs/jobs';
import { createPool } from '#libs/platform';
import { logDatabase } from '../../../tests/support/opened-store.js';

let pool: pg.Pool;
let url: string;
let close: () => Promise<void>;
let jobs: Jobs;
beforeAll(async () => {
  ({ pool, url, close } = await logDatabase(20));
  jobs = new Jobs(pool);
});
afterAll(() => close());

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

/** Counts up to a number from its cursor, one step every few milliseconds. */
class Counting implements JobHandler {
  running = 0;
  most = 0;
  readonly begun: number[] = [];
  readonly discarded: string[] = [];

  constructor(
    readonly kind: string,
    readonly exclusive = false,
    private readonly stepMs = 5,
  ) {}

  async run({ spec, cursor }: Job, progress: JobProgress, signal: AbortSignal): Promise<object> {
    const { to } = spec as { to: number };
    const from = Number(cursor ?? 0);
    this.begun.push(from);
    this.most = Math.max(this.most, (this.running += 1));
    try {
      for (let at = from; at < to;) {
        await sleep(this.stepMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        progress.reach((at += 1), { total: to, cursor: String(at) });
        if (at === 7 && to === 13) throw new Error('thirteen brings bad luck');
      }
    } finally {
      this.running -= 1;
    }
    return { counted: to };
  }

  async discard({ id }: Job): Promise<void> {
    this.discarded.push(id);
  }
}

/** A runner that is a process of its own from the database's view. `kill` cuts all its connections. */
function startRunner(handlers: JobHandler[]) {
  const name = `runner ${Math.random()}`;
  const own = createPool(url, { max: 12, applicationName: name });
  const stopping = new AbortController();
  const running = new JobWorker(own, handlers, { pollMs: 100 }).run(stopping.signal);
  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await running;
    await own.end();
  };
  started.push(stop);
  return {
    stop,
    kill: () =>
      pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
        name,
      ]),
  };
}

async function until(id: string, reached: (replay: Job) => boolean): Promise<Job> {
  for (let tries = 0; tries < 1000; tries++) {
    const job = (await jobs.find(id))!;
    if (reached(job)) return job;
    await sleep(20);
  }
  throw new Error(`still ${JSON.stringify(await jobs.find(id))}`);
}

const ended = ({ endedAt }: Job) => endedAt !== null;

describe('runs', () => {
  it('are done, with progress, and report their results', async () => {
    const runner = startRunner([new Counting('plain', false, 30)]);
    const { id, state } = (await jobs.create('plain', { to: 100 }))!;
    expect(state).toBe('waiting');
    const under = await until(id, ({ done }) => done > 5);
    expect(under).toMatchObject({ state: 'running', total: 100, result: null });
    expect(under.rate).toBeGreaterThan(0);
    expect(await until(id, ended)).toMatchObject({
      state: 'done',
      done: 100,
      total: 100,
      rate: null,
      result: { counted: 100 },
      error: null,
    });
    await runner.stop();
  });

  it('that fail say why, and are cleaned up after', async () => {
    const kind = new Counting('plain');
    const runner = startRunner([kind]);
    const { id } = (await jobs.create('plain', { to: 13 }))!;
    expect(await until(id, ended)).toMatchObject({
      state: 'failed',
      done: 7,
      error: 'thirteen brings bad luck',
    });
    expect(kind.discarded).toEqual([id]);
    await runner.stop();
  });

  it('are cancelled while they wait, and while they run', async () => {
    const waiting = (await jobs.create('later', { to: 5 }))!;
    expect(await jobs.cancel(waiting.id)).toMatchObject({ job: { state: 'cancelled' }, ended: false });
    expect(await jobs.cancel(waiting.id)).toMatchObject({ job: { state: 'cancelled' }, ended: true });
    const kind = new Counting('later');
    const runner = startRunner([kind]);
    const { id } = (await jobs.create('later', { to: 1_000_000 }))!;
    await until(id, ({ done }) => done > 0);
    expect(await jobs.cancel(id)).toMatchObject({
      job: { state: 'running', cancelRequested: true },
      ended: false,
    });
    expect(await until(id, ended)).toMatchObject({ state: 'cancelled', result: null });
    expect(kind.discarded).toEqual([id]);
    expect(kind.begun).toEqual([0]);
    await runner.stop();
  });

  it('whose process stops or dies are resumed where they were, by another', async () => {
    const kind = new Counting('long', false, 20);
    const first = startRunner([kind]);
    const { id } = (await jobs.create('long', { to: 150 }))!;
    await until(id, ({ done }) => done > 20);
    await first.stop();
    expect(await jobs.find(id)).toMatchObject({ state: 'waiting', cancelRequested: false });
    const second = startRunner([kind]);
    await until(id, ({ done, state }) => state === 'running' && done > 40);
    const third = startRunner([kind]);
    await second.kill();
    expect(await until(id, ended)).toMatchObject({ state: 'done', done: 150 });
    expect(kind.begun.length).toBeGreaterThanOrEqual(3);
    expect(kind.begun.every((from, at) => at === 0 || from >= kind.begun[at - 1]!)).toBe(true);
    await second.stop();
    await third.stop();
  }, 60_000);

  it('of an exclusive kind are done one at a time, by however many processes', async () => {
    const kind = new Counting('alone', true, 10);
    const runners = [startRunner([kind]), startRunner([kind])];
    const asked = [];
    for (let n = 0; n < 4; n++) asked.push((await jobs.create('alone', { to: 60 }))!);
    await until(asked[0]!.id, ({ state }) => state === 'running');
    const own = createPool(url, { max: 3 });
    let waited = false;
    const here = await new JobWorker(own, [kind]).runNow(
      'alone',
      { to: 20 },
      { signal: new AbortController().signal, onWaiting: () => (waited = true) },
    );
    expect(here).toMatchObject({ state: 'done', done: 20 });
    expect(waited).toBe(true);
    for (const { id } of asked) expect(await until(id, ended)).toMatchObject({ state: 'done' });
    expect(kind.most).toBe(1);
    for (const runner of runners) await runner.stop();
    await own.end();
  }, 60_000);

  it('done in this process are cancelled by a signal', async () => {
    const kind = new Counting('here');
    const cancelling = new AbortController();
    const job = await new JobWorker(pool, [kind]).runNow(
      'here',
      { to: 1_000_000 },
      { signal: cancelling.signal, onReach: ({ done }) => done > 3 && cancelling.abort() },
    );
    expect(job).toMatchObject({ state: 'cancelled' });
    expect(kind.discarded).toEqual([job.id]);
  });

  it('are listed page by page, newest first', async () => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await jobs.list({ limit: 3, cursor: cursor! });
      if (page === 'cursor-invalid') throw new Error(page);
      seen.push(...page.items.map(({ createdAt }) => createdAt));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen.length).toBeGreaterThan(8);
    expect(seen).toEqual(seen.toSorted().toReversed());
    expect(await jobs.list({ limit: 3, cursor: 'nonsense' })).toBe('cursor-invalid');
  });

  it('that are too many at once are refused', async () => {
    const made = [];
    for (let one = await jobs.create('nobody', {}); one; one = await jobs.create('nobody', {}))
      made.push(one.id);
    expect(made).toHaveLength(100);
    for (const id of made) await jobs.cancel(id);
    expect(await jobs.open()).toEqual([]);
  });
});
