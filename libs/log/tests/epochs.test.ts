import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { formatToken, parseToken, type Epochs } from '#libs/domain';
import { EventStore, migrate, openEpochAtHeads, readEpochs, type Observation } from '#libs/log';
import { createPool } from '#libs/platform';
import { freshDatabase } from '../../../tests/support/database.js';
import { copyOf } from '../../../tests/support/go-back.js';
import { all, claim, valueOf } from '../../../tests/support/opened-store.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A log of one shard with 30 events. Each process has a pool and a memory of its own. */
async function thirty() {
  const { url, drop } = await freshDatabase(migrate, 'log');
  closing.push(drop);
  const processOn = async () => {
    const pool = createPool(url, { max: 4, onLostConnection: () => {} });
    closing.push(() => pool.end());
    return EventStore.open(pool, { shards: 1 });
  };
  const record = async (store: EventStore, count: number) => {
    for (let at = 0; at < count; at++) valueOf((await store.append([claim(`place-${at % 3}`)]))[0]);
  };
  const store = await processOn();
  await record(store, 30);
  return { url, store, processOn, record };
}

/** What a process that lost its connections does until the database answers again. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 30_000; ;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const forksOf = ({ all: list }: Epochs) => list.map(({ forks }) => formatToken(forks));
const told = (store: EventStore, token: string) => {
  const goOn = store.epochs.goOn(parseToken(token)!);
  return goOn && store.epochs.present > 0
    ? formatToken(goOn).replace(String(store.epochs.present), 'now')
    : undefined;
};

describe('a restored copy', () => {
  test('the first event after it begins an epoch, also in a process that remembers nothing', async () => {
    const { url, store, processOn, record } = await thirty();
    const copy = await copyOf(url);
    await again(() => record(store, 10));
    await copy.putBack();
    const other = await processOn();
    expect(other.epochs.present).toBe(0);
    await record(other, 15);
    expect(other.epochs.present).toBeGreaterThan(0);
    expect(forksOf(other.epochs)).toEqual(['0:30']);
    expect(told(other, '0:30')).toBeUndefined();
    expect(told(other, '0:40')).toBe('0:30~now');
    const events = await all(other.readAll());
    expect(events.map(({ epoch }) => epoch === other.epochs.present)).toEqual(
      events.map(({ position }) => position > 30),
    );
  });

  test('lines of events name the epoch as events do', async () => {
    const { url, store, record } = await thirty();
    const copy = await copyOf(url);
    await copy.putBack();
    await again(() => record(store, 2));
    const lines: string[] = [];
    for await (const chunk of store.readLines(await store.range({}))) lines.push(chunk.lines);
    const events = lines
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toEqual(await all(store.readAll()));
    expect(events.at(-1)).toMatchObject({ position: 32, epoch: store.epochs.present });
    expect(events[0]).not.toHaveProperty('epoch');
  });

  test('that lacks nothing takes nothing from anybody', async () => {
    const { url, store, record } = await thirty();
    const before = store.epochs.format(new Map([[0, 30]]));
    const copy = await copyOf(url);
    await copy.putBack();
    await again(() => record(store, 1));
    expect(store.epochs.present).toBeGreaterThan(0);
    expect(told(store, before)).toBeUndefined();
  });

  test('ten processes that append at once begin one epoch', async () => {
    const { url, processOn, record } = await thirty();
    const copy = await copyOf(url);
    await copy.putBack();
    const stores = await Promise.all(Array.from({ length: 10 }, processOn));
    await Promise.all(stores.map((store) => record(store, 2)));
    expect(forksOf(await readEpochs(stores[0]!.pool))).toEqual(['0:30']);
    expect(new Set(stores.map(({ epochs }) => epochs.present)).size).toBe(1);
  });

  test('an event is in the epoch that began with it, before it can be read', async () => {
    const { url, store } = await thirty();
    const copy = await copyOf(url);
    await copy.putBack();
    const [receipt] = await again(() => store.append([claim('place-1')]));
    const { shard, position } = valueOf(receipt);
    expect(store.epochs.format(new Map([[shard, position]]))).toBe(`0:31~${store.epochs.present}`);
  });
});

describe('a copy of files, which nothing tells from what was there', () => {
  test('a process that has seen more begins an epoch when it looks, and not twice', async () => {
    const { url, store, processOn, record } = await thirty();
    const copy = await copyOf(url);
    const another = await processOn();
    await again(() => record(store, 10));
    await again(() => another.heads());
    await copy.putBack({ sameLine: true });
    await Promise.all([store, another].map((one) => again(() => one.heads())));
    await Promise.all([store, another].map((one) => again(() => one.lineage.confirm())));
    expect((await readEpochs(store.pool)).all).toHaveLength(1);
    await record(another, 15);
    await again(() => store.lineage.confirm());
    expect([store, another].map((one) => told(one, '0:40')).every((goOn) => goOn !== undefined)).toBe(true);
    expect((await readEpochs(store.pool)).all).toHaveLength(1);
  });

  test('that grew beyond what was there before anybody looked: the chain shows it, and the epoch begins where it was the same', async () => {
    const { url, store, processOn, record } = await thirty();
    await store.heads();
    const copy = await copyOf(url);
    await again(() => record(store, 10));
    await store.heads();
    await copy.putBack({ sameLine: true });
    // It remembers nothing, and takes the positions again.
    await record(await processOn(), 15);
    await again(() => store.lineage.confirm());
    expect(forksOf(store.epochs)).toEqual(['0:30']);
    expect(told(store, '0:40')).toBe('0:30~now');
  });

  test('what a topic holds shows it too; the same said again begins no other epoch', async () => {
    const { url, store, processOn, record } = await thirty();
    const copy = await copyOf(url);
    await again(() => record(store, 10));
    const last = await store.readShard(0, 39, 1);
    const seen = last.map(({ shard, position, digest, recordedAt }): Observation => ({
      epoch: 0,
      shard,
      position,
      digest,
      recordedAt,
    }));
    await copy.putBack({ sameLine: true });
    const other = await processOn();
    await record(other, 15);
    await other.witness(seen, seen, new Map([[0, 28]]));
    await other.witness(seen, seen, new Map([[0, 28]]));
    expect(forksOf(await readEpochs(other.pool))).toEqual(['0:28']);
  });

  test('an operator begins an epoch, at the heads', async () => {
    const { url, store, processOn, record } = await thirty();
    const copy = await copyOf(url);
    await again(() => record(store, 10));
    await copy.putBack({ sameLine: true });
    const other = await processOn();
    await openEpochAtHeads(other.pool, 'the copy of Monday');
    await record(other, 15);
    expect(forksOf(other.epochs)).toEqual(['0:30']);
    expect(told(other, '0:40')).toBe('0:30~now');
  });
});

describe('an epoch that was lost itself', () => {
  test('another one begins, with another number, and tokens of the lost one begin anew', async () => {
    const { url, store, record } = await thirty();
    const copy = await copyOf(url);
    const first = await again(() => openEpochAtHeads(store.pool, 'soon lost'));
    await record(store, 5);
    const token = store.epochs.format(new Map([[0, 35]]));
    expect(token).toBe(`0:35~${first}`);
    await copy.putBack({ sameLine: true });
    await again(() => store.heads());
    await again(() => store.lineage.confirm());
    expect(store.epochs.present).toBeGreaterThan(first);
    expect(formatToken(store.epochs.goOn(parseToken(token)!)!)).toMatch(/^0:0/);
  });
});

test('a role that is no superuser sees which line of history the database is on', async () => {
  const { url, drop } = await freshDatabase(migrate, 'log');
  closing.push(drop);
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  closing.push(() => admin.end());
  await admin.query(`
    begin; create role plain_of_epochs; grant usage on schema claimline to plain_of_epochs;
    grant execute on all functions in schema claimline to plain_of_epochs; set local role plain_of_epochs`);
  const { rows } = await admin.query<{ line: string }>('select claimline.line() as line');
  await admin.query('rollback');
  expect(rows[0]!.line).toMatch(/^\d+\/[0-9A-F]{8}\/\d+$/);
});
