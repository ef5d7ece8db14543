import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { parseRuleset, type Ruleset } from '#libs/domain';
import { EventStore, RulesetStore } from '#libs/log';
import { cancelJob, Jobs, JobWorker, RebuildJobHandler, rebuildSpec, startJob } from '#libs/jobs';
import { createGeneration } from '#libs/projection';
import { claim, logDatabase } from '../../../tests/support/opened-store.js';
import { ruleset } from '../../../tests/support/test-log.js';

const KEY = 'Desk 2 (k2)';

let pool: pg.Pool;
let close: () => Promise<void>;
let store: EventStore;
let jobs: Jobs;
beforeAll(async () => {
  ({ pool, close } = await logDatabase(20));
  store = await EventStore.open(pool, { shards: 4 });
  jobs = new Jobs(pool);
});
afterAll(() => close());

const operations = async () => {
  const { items } = await store.audit({ types: ['operation.performed'] }, { limit: 100 });
  return items.map(({ by, data }) => ({ by, ...data }));
};

describe('a run by somebody who is known', () => {
  it('leaves an event of its start, and one of its cancellation', async () => {
    const asked = { kind: 'publish', spec: { topic: 'history' } };
    const { id, spec } = (await startJob(jobs, store, asked, KEY))!;
    expect(spec).toMatchObject({ topic: 'history' });
    expect(await operations()).toEqual([
      { by: KEY, operation: 'replay.started', subject: id, detail: 'publish to history' },
    ]);
    expect(await cancelJob(jobs, store, id, KEY)).toMatchObject({
      ended: false,
      job: { state: 'cancelled' },
    });
    expect((await operations())[0]).toEqual({ by: KEY, operation: 'replay.cancelled', subject: id });
    expect(await cancelJob(jobs, store, id, KEY)).toMatchObject({ ended: true });
    expect(await operations()).toHaveLength(2);
  });

  it('leaves none where nobody is known, or there is no such run', async () => {
    const before = await operations();
    const { id } = (await startJob(jobs, store, { kind: 'publish', spec: {} }, undefined))!;
    await cancelJob(jobs, store, id, undefined);
    expect(await cancelJob(jobs, store, '00000000-0000-4000-8000-000000000000', KEY)).toBeUndefined();
    expect(await operations()).toEqual(before);
  });
});

describe('a rebuild', () => {
  const other: Ruleset = (() => {
    const parsed = parseRuleset({ ...ruleset.file, version: 'other-1' });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    return parsed.ruleset;
  })();
  const rebuilt = async (to: Ruleset, compare: boolean, signature?: string) => {
    const handler = new RebuildJobHandler(pool, store, new RulesetStore(pool));
    const { signal } = new AbortController();
    const job = await new JobWorker(pool, [handler]).runNow('rebuild', rebuildSpec(to, compare, signature), {
      signal,
    });
    expect(job).toMatchObject({ state: 'done', error: null });
  };

  it('leaves an event only where another ruleset is adopted, by somebody who is known', async () => {
    await store.append([claim('mill')]);
    await new RulesetStore(pool).remember(ruleset.file);
    await createGeneration(pool, ruleset);
    const before = await operations();
    await rebuilt(ruleset, false, KEY);
    await rebuilt(other, true, KEY);
    await rebuilt(other, false);
    await rebuilt(ruleset, false);
    expect(await operations()).toEqual(before);
    await rebuilt(other, false, KEY);
    expect(await operations()).toEqual([
      { by: KEY, operation: 'ruleset.adopted', subject: 'other-1', detail: `instead of ${ruleset.version}` },
      ...before,
    ]);
    await rebuilt(other, false, KEY);
    expect(await operations()).toHaveLength(before.length + 1);
  }, 60_000);
});
