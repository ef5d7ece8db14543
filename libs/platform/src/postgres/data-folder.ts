import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The right to use a data folder. The system takes it back when the process ends, however it ends. */
export interface DataFolderLock {
  /** The folder's real path. */
  folder: string;
  release: () => Promise<void>;
}

/** Another live process holds the folder; `pid` is that process, if it said so. */
export class DataFolderInUse extends Error {
  override name = 'DataFolderInUse';

  constructor(
    readonly folder: string,
    readonly pid: number | undefined,
    host?: string,
  ) {
    const elsewhere = host !== undefined && host !== hostname() ? ` on ${host}` : '';
    super(
      `another claimline (pid ${pid ?? 'unknown'}${elsewhere}) is using ${folder}: stop it, or set DATA_DIR to another folder`,
    );
  }
}

/**
 * Takes a data folder for this process; makes the folder if it is missing.
 *
 * The lock is a socket that this process listens on, not a file with a pid: it cannot outlive the process, and a pid
 * used again by somebody else (always 1 in a container) means nothing to it.
 * @throws DataFolderInUse when another live process has it.
 */
export async function lockDataFolder(dir: string): Promise<DataFolderLock> {
  mkdirSync(dir, { recursive: true });
  const folder = realpathSync(dir);
  const servers: Server[] = [];
  const release = async () => {
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  };
  try {
    for (const address of addressesOf(folder)) {
      const server = await listenAlone(address, folder);
      if (server !== undefined) servers.push(server);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { folder, release };
}

/** Identifies this process's sockets: pids repeat from container to container. */
const instance = randomUUID();

interface Address {
  path: string;
  /** A socket in the file system stays behind when its process is killed. */
  isFile: boolean;
  /** The address may be impossible here; another one guards as well. */
  optional: boolean;
}

function addressesOf(folder: string): Address[] {
  const name = `claimline-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return [{ path: `\\\\.\\pipe\\${name}`, isFile: false, optional: false }];
  const inFolder = join(folder, 'claimline.sock');
  // Above 103 bytes the system would cut the path off.
  const file = Buffer.byteLength(inFolder) <= 103 ? inFolder : join(tmpdir(), `${name}.sock`);
  if (process.platform !== 'linux') return [{ path: file, isFile: true, optional: false }];
  // The abstract name is free of races but belongs to one network namespace; the file is seen by another
  // container that has the same folder mounted.
  return [
    { path: `\0${name}`, isFile: false, optional: false },
    { path: file, isFile: true, optional: true },
  ];
}

/** The server that holds the address; undefined when there can be none here. Throws when somebody else holds it. */
async function listenAlone(address: Address, folder: string): Promise<Server | undefined> {
  for (;;) {
    try {
      return await listen(address.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
        if (address.optional) return undefined;
        throw error;
      }
    }
    const holder = await askHolder(address.path);
    if (holder !== 'nobody') throw new DataFolderInUse(folder, holder.pid, holder.host);
    if (address.isFile) {
      const server = await takeOverDeadSocket(address.path);
      if (server !== undefined) return server;
    }
  }
}

async function takeOverDeadSocket(path: string): Promise<Server | undefined> {
  rmSync(path, { force: true });
  const server = await listen(path).catch(() => undefined);
  if (server === undefined) return undefined;
  // Two processes may find the same dead socket: after a moment for the slower one's removal, look whose it is now.
  await sleep(100);
  const holder = await askHolder(path);
  if (holder !== 'nobody' && holder.token === instance) return server;
  await new Promise((done) => server.close(done));
  return undefined;
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(JSON.stringify({ pid: process.pid, host: hostname(), token: instance } satisfies Holder));
    });
    server.once('error', reject);
    // Writable for all (abstract names are anyway), so that a process of another user can ask who holds the folder.
    server.listen({ path, writableAll: !path.startsWith('\0') }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      server.unref();
      resolve(server);
    });
  });
}

interface Holder {
  pid: number | undefined;
  host?: string;
  token?: string;
}

/** Asks the listener at `path` for its process. A process too busy to answer within a second still holds it. */
function askHolder(path: string): Promise<Holder | 'nobody'> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('nobody');
    });
    socket.on('close', () => resolve(parseHolder(answer)));
  });
}

function parseHolder(answer: string): Holder {
  try {
    return JSON.parse(answer) as Holder;
  } catch {
    return { pid: undefined };
  }
}
