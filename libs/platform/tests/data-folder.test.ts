import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DataFolderInUse, lockDataFolder } from '#libs/platform';
import { startChild } from '../../../tests/support/child.js';

let base: string;
beforeEach(() => void (base = mkdtempSync(join(tmpdir(), 'claimline-lock-'))));
afterEach(() => rmSync(base, { recursive: true }));

test('the folder is made, locked once, and free again after release', async () => {
  const dir = join(base, 'deep', 'data');
  const lock = await lockDataFolder(dir);
  await expect(lockDataFolder(dir)).rejects.toThrow(
    `another claimline (pid ${process.pid}) is using ${lock.folder}`,
  );
  await lock.release();
  await (await lockDataFolder(dir)).release();
});

test('a link to the folder is the same folder', async () => {
  const lock = await lockDataFolder(join(base, 'data'));
  symlinkSync(lock.folder, join(base, 'link'));
  await expect(lockDataFolder(join(base, 'link'))).rejects.toThrow(DataFolderInUse);
  await lock.release();
});

test('a second process is refused with the pid of the holder; kill -9 frees the folder', async () => {
  const dir = join(base, 'data');
  const holder = await startChild('hold-data-folder', dir);
  await expect(lockDataFolder(dir)).rejects.toMatchObject({ name: 'DataFolderInUse', pid: holder.pid });
  await expect(startChild('hold-data-folder', dir)).rejects.toThrow(`another claimline (pid ${holder.pid})`);
  await holder.kill();
  await (await lockDataFolder(dir)).release();
});

test('of many that start at once after a kill -9, one gets the folder', async () => {
  const dir = join(base, 'data');
  await (await startChild('hold-data-folder', dir)).kill();
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(dir)));
  const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(won).toHaveLength(1);
  await won[0]!.value.release();
});

test('a path too long for a socket can be locked', async () => {
  const dir = join(base, 'x'.repeat(120));
  const lock = await lockDataFolder(dir);
  await expect(lockDataFolder(dir)).rejects.toThrow(DataFolderInUse);
  await lock.release();
});
