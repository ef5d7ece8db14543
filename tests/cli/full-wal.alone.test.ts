import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyDiskStore, refusedAs } from '../support/faulty-disk-store.js';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.js';

/** The WAL has a segment of 16 MB at first. */
const DISK_MB = 160;
const why = whyNoSmallDisk();
if (why !== undefined) console.warn(`tests with a full disk of the WAL are skipped: ${why}`);
const describeDisk = why === undefined ? describe : describe.skip;

describeDisk.each<[string, boolean]>([
  ['the disk of the WAL', true],
  ['the disk of the store', false],
])('PostgreSQL panics: %s is full', (_, alone) => {
  let disk: SmallDisk;
  let store: FaultyDiskStore;
  const isFull = refusedAs('store-full');

  beforeAll(async () => {
    disk = smallDisk(alone ? DISK_MB : 2 * DISK_MB);
    store = new FaultyDiskStore(
      alone ? mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'wal-')) : disk.folder,
    );
    // As root PostgreSQL runs as another user, who has to get in.
    chmodSync(store.dataDir, 0o755);
    await store.start();
    for (let n = 0; n < 20; n++) expect((await store.post()).status).toBe(201);
    if (!alone) return;
    await store.stop();
    const wal = join(realpathSync(join(store.dataDir, 'postgres')), 'pg_wal');
    execFileSync('cp', ['-a', wal, disk.folder]);
    rmSync(wal, { recursive: true });
    symlinkSync(join(disk.folder, 'pg_wal'), wal);
    await store.start();
  }, 180_000);
  afterAll(async () => {
    disk.free();
    await store.stop();
    disk.remove();
  }, 60_000);

  /** Others write, until the WAL has no room. */
  async function panic(): Promise<void> {
    const panics = () => store.said().split('PANIC').length;
    const before = panics();
    for (const end = Date.now() + 60_000; panics() === before && Date.now() < end;)
      await store
        .query(`select pg_logical_emit_message(true, 'others', repeat('x', 4000000))`)
        .catch(() => sleep(200));
    expect(panics()).toBeGreaterThan(before);
  }

  it('writes are refused with a plain reason, the service stays, and goes on when there is room', async () => {
    const room = new RegExp(
      `room on the disk: 0\\.\\d\\d GB of .* left in .*${alone ? 'pg_wal' : 'postgres'}$`,
      'm',
    );
    expect(await store.claimline('status')).toMatch(room);
    disk.fill();
    await panic();
    await store.withstand();
    await store.until(store.post, isFull);
    // Where PostgreSQL can recover without room.
    await store.until(store.read, (answer) => answer.status === 200 || isFull(answer));
    const { text } = await store.until(
      () => store.ask('/readyz'),
      ({ status }) => status === 503,
    );
    expect(text).toMatch(/is full/);
    disk.free();
    await store.untilWell();
  }, 240_000);

  it('nothing is lost that was acknowledged', async () => {
    expect(await store.claimline('verify')).toContain('all events verified');
    expect(await store.lost()).toEqual([]);
  }, 60_000);
});
