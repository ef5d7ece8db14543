import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** The room on the disk of a folder, in bytes. `freeBytes`: what users other than root may still use. */
export interface Room {
  folder: string;
  freeBytes: number;
  totalBytes: number;
}

/** Folders of a store that may be on disks of their own: that of its data, and that of its WAL. */
export const foldersOf = (folder: string): string[] => [folder, join(folder, 'pg_wal')];

/** The room of a store: on the disk of its WAL where that is another one, and has less. Undefined where the system does not say. */
export async function readRoom(folder: string): Promise<Room | undefined> {
  const [data, wal] = await Promise.all(foldersOf(folder).map(readDisk));
  return data && wal && wal.device !== data.device && wal.room.freeBytes < data.room.freeBytes
    ? wal.room
    : data?.room;
}

async function readDisk(folder: string): Promise<{ device: number; room: Room } | undefined> {
  try {
    const [{ dev: device }, { bavail, blocks, bsize }] = await Promise.all([stat(folder), statfs(folder)]);
    return { device, room: { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize } };
  } catch {
    return undefined;
  }
}

const [LEAST_RESERVE, MOST_RESERVE] = [20 * 2 ** 20, 64 * 2 ** 20];
const RESERVED_PART = 0.05;

/** The room that is left to PostgreSQL itself, in bytes: a twentieth of the disk, at least 20 MB, at most 64. */
export const reserveOf = ({ totalBytes }: Pick<Room, 'totalBytes'>): number =>
  Math.min(MOST_RESERVE, Math.max(LEAST_RESERVE, totalBytes * RESERVED_PART));

export const megabytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** Why nothing is recorded on a disk; undefined where there is room. */
export function fullness({ folder, freeBytes, totalBytes }: Room): string | undefined {
  const reserve = reserveOf({ totalBytes });
  return freeBytes >= reserve
    ? undefined
    : `the disk of ${folder} is full: ${megabytes(freeBytes)} MB are left, and ` +
        `the last ${megabytes(reserve)} MB are for the database itself`;
}
