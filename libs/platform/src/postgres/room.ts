import { statfs } from 'node:fs/promises';

/** The room on the disk of a folder, in bytes. `freeBytes`: what users other than root may still use. */
export interface Room {
  folder: string;
  freeBytes: number;
  totalBytes: number;
}

/** Undefined where the system does not say. */
export async function readRoom(folder: string): Promise<Room | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

const [LEAST_RESERVE, MOST_RESERVE] = [20 * 2 ** 20, 64 * 2 ** 20];
const RESERVED_PART = 0.05;

/** The room that is left to PostgreSQL itself, in bytes: a twentieth of the disk, at least 20 MB, at most 64. */
export const reserveOf = ({ totalBytes }: Pick<Room, 'totalBytes'>): number =>
  Math.min(MOST_RESERVE, Math.max(LEAST_RESERVE, totalBytes * RESERVED_PART));

const MEGABYTE = 2 ** 20;

/** Why nothing is recorded on a disk; undefined where there is room. */
export function fullness({ folder, freeBytes, totalBytes }: Room): string | undefined {
  const reserve = reserveOf({ totalBytes });
  return freeBytes >= reserve
    ? undefined
    : `the disk of ${folder} is full: ${Math.floor(freeBytes / MEGABYTE)} MB are left, and ` +
        `the last ${Math.ceil(reserve / MEGABYTE)} MB are for the database itself`;
}
