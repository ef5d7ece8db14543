import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { QueryRunner } from 'typeorm';
import type { Ruleset } from '#libs/domain';
import { logMigrations, migrate, RulesetStore, type EventStore } from '#libs/log';
import { createGeneration, findGeneration, READ_MODELS, rebuild } from '#libs/projection';
import { ruleset } from '../../../tests/support/test-log.js';
import { openStore } from '../../../tests/support/opened-store.js';

const next: Ruleset = { ...ruleset, version: 'next', file: { ...ruleset.file, version: 'next' } };

let store: EventStore;
let pool: pg.Pool;
let url: string;
let close: () => Promise<void>;
let rulesets: RulesetStore;
beforeEach(async () => {
  ({ store, pool, url, close } = await openStore({ shards: 2 }));
  rulesets = new RulesetStore(pool);
  for (const { file } of [ruleset, next]) await rulesets.remember(file);
});
afterEach(() => close());

/** The version that decides, and the one that the read models are derived with. */
const versions = async () => ({
  inForce: (await new RulesetStore(pool).findInForce())?.version,
  readModels: (await findGeneration(pool))?.rulesetVersion,
});
const both = (version: string | undefined) => ({ inForce: version, readModels: version });

describe('the ruleset in force', () => {
  it('is that of the first read models, and moves with those that replace them', async () => {
    expect(await versions()).toEqual(both(undefined));
    await expect(rulesets.inForce()).rejects.toThrow('no ruleset is in force yet');
    await createGeneration(pool, ruleset);
    expect(await versions()).toEqual(both(ruleset.version));
    await rebuild(pool, store, next);
    expect(await versions()).toEqual(both('next'));
    await pool.query(`drop schema ${READ_MODELS} cascade`);
    expect(await versions()).toEqual({ inForce: 'next', readModels: undefined });
    expect((await rulesets.inForce()).file).toEqual(next.file);
    await rebuild(pool, store, ruleset);
    expect(await versions()).toEqual(both(ruleset.version));
  });

  it('is not that of read models in another schema', async () => {
    await createGeneration(pool, next, 'others');
    await rebuild(pool, store, ruleset, { schema: 'others' });
    expect(await versions()).toEqual(both(undefined));
  });

  it('is one that is kept', async () => {
    const unkept = { ...ruleset, version: 'unkept' };
    await expect(createGeneration(pool, unkept)).rejects.toThrow('foreign key');
    await expect(rebuild(pool, store, unkept)).rejects.toThrow('foreign key');
    expect(await versions()).toEqual(both(undefined));
  });

  it.each([['first'], ['further']])(
    'stays where the transaction of the %s swap is cut off',
    async (which) => {
      if (which === 'further') await createGeneration(pool, ruleset);
      const before = await versions();
      // At the commit, when everything else is done.
      await pool.query(`
      create function cut_off() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
      create constraint trigger cut_off after insert or update on claimline.ruleset_in_force
        deferrable initially deferred for each row execute function cut_off()`);
      await expect(rebuild(pool, store, next)).rejects.toThrow('terminating connection');
      expect(await versions()).toEqual(before);
      await pool.query('drop function cut_off cascade');
      await rebuild(pool, store, next);
      expect(await versions()).toEqual(both('next'));
    },
  );

  it('is read once for many writes; the last known one decides while it cannot be read', async () => {
    let [queries, away] = [0, true];
    const watched = {
      connect: pool.connect.bind(pool),
      query: async (text: string) => {
        queries += 1;
        if (away) throw new Error('the database is away');
        return pool.query(text);
      },
    };
    const asked = new RulesetStore(watched as unknown as pg.Pool);
    await createGeneration(pool, ruleset);
    const recent = async () => (await asked.recent()).version;
    const later = () => new Promise((resolve) => setTimeout(resolve, 120));

    await expect(recent()).rejects.toThrow('away');
    away = false;
    await later();
    expect(new Set(await Promise.all(Array.from({ length: 100 }, recent)))).toEqual(
      new Set([ruleset.version]),
    );
    // The first and one more; another where the machine stood still for longer than an answer counts.
    expect(queries).toBeGreaterThanOrEqual(2);
    expect(queries).toBeLessThan(10);
    await rebuild(pool, store, next);
    await later();
    expect(await recent()).toBe('next');
    away = true;
    await later();
    expect(await recent()).toBe('next');
  });
});

describe('a store of before', () => {
  /** Makes the schema that of the version before the migrations about these, and those that came later. */
  async function takeBack(): Promise<void> {
    const first = logMigrations.findIndex(({ name }) => name.startsWith('RulesetInForce'));
    for (const Migration of logMigrations.slice(first).reverse()) {
      const migration = new Migration();
      await migration.down(pool as unknown as QueryRunner);
      await pool.query('delete from claimline.log_migrations where name = $1', [migration.name]);
    }
  }

  it('takes the ruleset of its read models, and keeps its voidings', async () => {
    const id = '7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27';
    await rebuild(pool, store, next);
    await takeBack();
    await pool.query('insert into claimline.marks values ($1, true, $1)', [id]);
    await migrate(url);
    expect(await versions()).toEqual(both('next'));
    expect((await pool.query('select * from claimline.voidings')).rows).toEqual([
      { id, voided: true, event_id: id },
    ]);
  });

  it.each([
    ['none where it has no read models', undefined],
    ['none where their ruleset is not kept: they have to be rebuilt', 'unkept'],
  ])('has %s', async (_, version) => {
    if (version) {
      await createGeneration(pool, ruleset);
      await pool.query(`update ${READ_MODELS}.generation set ruleset_version = $1`, [version]);
    }
    await takeBack();
    await migrate(url);
    expect(await versions()).toEqual({ inForce: undefined, readModels: version });
    await rebuild(pool, store, next);
    expect(await versions()).toEqual(both('next'));
  });
});
