import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyDiskStore, refusedAs } from '../support/faulty-disk-store.js';
import { postgresOf } from '../support/postgres-of.js';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.js';

/** Room for an embedded PostgreSQL, and not for much more. */
const DISK_MB = 320;
const why = whyNoSmallDisk();
if (why !== undefined) console.warn(`tests with a full disk are skipped: ${why}`);
const describeDisk = why === undefined ? describe : describe.skip;

describeDisk('a full disk', () => {
  let disk: SmallDisk;
  let store: FaultyDiskStore;
  const isFull = refusedAs('store-full');

  beforeAll(async () => {
    disk = smallDisk(DISK_MB);
    store = new FaultyDiskStore(disk.folder);
    await store.start();
    for (let n = 0; n < 20; n++) expect((await store.post()).status).toBe(201);
  }, 120_000);
  afterAll(async () => {
    disk.free();
    await store.stop();
    disk.remove();
  }, 60_000);

  it('refuses writes with a plain reason, answers reads, and takes writes again when there is room', async () => {
    expect(await store.claimline('status')).toMatch(/room on the disk: 0\.\d\d GB of 0\.31 GB left in /);
    disk.fill();
    await store.until(store.post, isFull);
    const [statementId] = store.acknowledged;
    expect((await store.ask(`/v1/statements/${statementId}`)).status).toBe(200);
    expect((await store.read()).status).toBe(200);
    const notReady = await store.until(
      () => store.ask('/readyz'),
      ({ status }) => status === 503,
    );
    expect(notReady.text).toContain('is full: 0 MB are left');
    expect((await store.ask('/metrics')).text).toMatch(/^claimline_store_free_bytes \d+$/m);
    expect(await store.claimline('status')).toContain('it is full, nothing is recorded');

    // A file on it is written whole or not at all.
    await expect(store.claimline('export', 'log', '-o', join(disk.folder, 'log.ndjson'))).rejects.toThrow(
      /-o .*log\.ndjson cannot be written: ENOSPC/,
    );
    expect(readdirSync(disk.folder).filter((name) => name.includes('log.ndjson'))).toEqual([]);

    disk.free();
    await store.untilWell();
    const lines = store.logged().split('\n');
    expect(lines.filter((line) => line.includes('"msg":"not ready"')).length).toBeLessThan(5);
  }, 180_000);

  it('outlives a PostgreSQL that died on it: the service waits, and goes on when there is room', async () => {
    disk.fill();
    process.kill(postgresOf(disk.folder)!.pid, 'SIGKILL');
    await store.until(store.post, isFull);
    await store.withstand();
    for (const look of [store.post, store.read]) await store.until(look, isFull);
    await expect(store.claimline('status')).rejects.toThrow(
      /PostgreSQL does not run, because its disk is full: \d+ MB are left in \//,
    );
    expect(existsSync(join(disk.folder, 'ballast'))).toBe(true);
    disk.free();
    await store.untilWell();
  }, 180_000);

  it('has cost nothing that was acknowledged', async () => {
    expect(await store.claimline('verify')).toContain('all events verified');
    expect(await store.lost()).toEqual([]);
  }, 60_000);
});
