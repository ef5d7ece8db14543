import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyDiskStore, refusedAs } from '../support/faulty-disk-store.js';
import { postgresOf } from '../support/postgres-of.js';
import { childrenOf, isRunning } from '../support/processes.js';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.js';

const DISK_MB = 320;
const why = whyNoSmallDisk();
if (why !== undefined) console.warn(`tests with a read-only disk are skipped: ${why}`);
const describeDisk = why === undefined ? describe : describe.skip;

describeDisk('a disk that becomes read-only', () => {
  let disk: SmallDisk;
  let store: FaultyDiskStore;

  beforeAll(async () => {
    disk = smallDisk(DISK_MB);
    store = new FaultyDiskStore(disk.folder);
    await store.start();
    for (let n = 0; n < 20; n++) expect((await store.post()).status).toBe(201);
  }, 120_000);
  afterAll(async () => {
    disk.remount('rw');
    await store.stop();
    disk.remove();
  }, 60_000);

  /** A disk does not become read-only while somebody writes: PostgreSQL dies, and the service sees nothing of it before it is done. */
  async function makeReadOnly(): Promise<void> {
    const { pid } = postgresOf(disk.folder)!;
    const postgres = [pid, ...childrenOf(pid)];
    process.kill(store.pid, 'SIGSTOP');
    for (const one of postgres) process.kill(one, 'SIGKILL');
    for (const end = Date.now() + 30_000; postgres.some(isRunning) && Date.now() < end;) await sleep(20);
    disk.remount('ro');
    process.kill(store.pid, 'SIGCONT');
  }

  it('is said to who writes and who reads, the service stays, and goes on when it is writable', async () => {
    await makeReadOnly();
    await store.until(store.post, refusedAs('store-read-only'));
    await store.withstand();
    for (const look of [store.post, store.read]) await store.until(look, refusedAs('store-read-only'));
    const { text } = await store.ask('/readyz');
    expect(text).toContain('its disk is read-only');
    await expect(store.claimline('status')).rejects.toThrow(
      /PostgreSQL does not run, because its disk is read-only: \//,
    );
    disk.remount('rw');
    await store.untilWell();
    expect(await store.claimline('verify')).toContain('all events verified');
    expect(await store.lost()).toEqual([]);
  }, 240_000);
});
