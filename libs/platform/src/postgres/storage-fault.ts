import { access, constants } from 'node:fs/promises';
import { foldersOf, megabytes, readRoom } from './room.js';

/** Why the disk of a database takes no writes; the last part of `urn:claimline:problem:<code>`. */
export type StorageFault = 'store-full' | 'store-read-only' | 'store-failing';

/** What a fault means for a request, in words. */
export const STORAGE_FAULTS: Readonly<Record<StorageFault, string>> = {
  'store-full':
    'the disk of the database is full, and nothing is recorded until there is room: try again then',
  'store-read-only':
    'the database takes no writes, because its disk is read-only or it is a standby: nothing of this was recorded',
  'store-failing': 'the disk of the database reports errors: nothing of this was recorded',
};

/** The same of a server that cannot run. */
export const DISKS: Readonly<Record<StorageFault, string>> = {
  'store-full': 'its disk is full',
  'store-read-only': 'its disk is read-only',
  'store-failing': 'its disk reports errors',
};

const FULL = /No space left on device|Disk quota exceeded|disk (is )?full/i;
const READ_ONLY = /Read-only file system/i;

/** SQLSTATE and codes of the system. A read-only file system is, for PostgreSQL, a lack of rights (42501). */
const BY_CODE: Readonly<Record<string, StorageFault>> = {
  53100: 'store-full',
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  25006: 'store-read-only',
  EROFS: 'store-read-only',
};
const IO_ERROR = '58030';
const CANNOT_CONNECT_NOW = '57P03';
const INSUFFICIENT_PRIVILEGE = '42501';

/** The fault of the disk in an error of the database or of the system; undefined where it is none. */
export function storageFaultOf(error: unknown): StorageFault | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message = '', port } = error as { code?: unknown; message?: string; port?: unknown };
  if (typeof code !== 'string') return undefined;
  if (code === 'ECONNREFUSED') return waiting.get(Number(port));
  // It does not say its port.
  if (code === CANNOT_CONNECT_NOW) return [...waiting.values()][0];
  const known = BY_CODE[code];
  if (known || (code !== IO_ERROR && code !== INSUFFICIENT_PRIVILEGE)) return known;
  return faultIn(message) ?? (code === IO_ERROR ? 'store-failing' : undefined);
}

export const isStorageFault = (error: unknown): boolean => storageFaultOf(error) !== undefined;

/**
 * The ports of servers of this process that wait for their disk: a connection to one is refused meanwhile, or, while it tries to
 * recover, cannot be made now.
 */
const waiting = new Map<number, StorageFault>();

/** Says that the server on a port waits for its disk, or waits no longer. */
export function noteWaiting(port: number, fault: StorageFault | undefined): void {
  if (fault) waiting.set(port, fault);
  else waiting.delete(port);
}

/** Less room than a segment of the WAL (16 MB) and a little more: PostgreSQL cannot recover on such a disk. */
const NEEDED_BYTES = 20 * 2 ** 20;

/**
 * Why a server cannot run on a folder.
 * @param said its own last words
 */
export async function diskFault(folder: string, said: string): Promise<StorageFault | undefined> {
  if ((await Promise.all(foldersOf(folder).map(isReadOnly))).includes(true)) return 'store-read-only';
  const room = await readRoom(folder);
  // A full disk may have no room for the server's words.
  return room && room.freeBytes < NEEDED_BYTES ? 'store-full' : faultIn(said);
}

/** `diskFault` in words, with the room that is left. */
export async function diskReason(folder: string, said: string): Promise<string | undefined> {
  const fault = await diskFault(folder, said);
  if (fault !== 'store-full') return fault && `${DISKS[fault]}: ${folder}`;
  const room = await readRoom(folder);
  return `${DISKS[fault]}: ${room ? `${megabytes(room.freeBytes)} MB are left in ${room.folder}` : folder}`;
}

const faultIn = (text: string): StorageFault | undefined =>
  FULL.test(text) ? 'store-full' : READ_ONLY.test(text) ? 'store-read-only' : undefined;

const isReadOnly = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'EROFS',
  );
