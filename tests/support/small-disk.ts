import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, in memory. */
export interface SmallDisk {
  folder: string;
  /** Takes all room that is left. */
  fill: () => void;
  /** Gives it back. */
  free: () => void;
  /** Makes it read-only, as soon as nobody has a file of it open for writing; or writable again. @throws where somebody has */
  remount: (mode: 'ro' | 'rw') => void;
  remove: () => void;
}

/** Why there can be no small disk here; undefined where there can. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return 'a small disk is made by Linux only';
  if (process.getuid?.() !== 0) return 'only root may mount a small disk';
  try {
    smallDisk(1).remove();
    return undefined;
  } catch (error) {
    return `no small disk can be mounted: ${(error as Error).message}`;
  }
}

/** @param megabytes its size */
export function smallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder], {
    stdio: 'pipe',
  });
  chmodSync(folder, 0o755);
  const ballast = join(folder, 'ballast');
  const free = () => rmSync(ballast, { force: true });
  return {
    folder,
    fill() {
      const piece = Buffer.alloc(64 * 1024, 1);
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free,
    remount: (mode) => void execFileSync('mount', ['-o', `remount,${mode}`, folder], { stdio: 'pipe' }),
    remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
      rmSync(folder, { recursive: true });
    },
  };
}
