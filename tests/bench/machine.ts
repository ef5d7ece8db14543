import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { withClient } from './copy.js';
import { median } from './figure.js';

/** The machine that the figures are of. */
export interface Machine {
  system: string;
  processor: string;
  cores: number;
  memoryGb: number;
  node: string;
  postgres: string;
  /** One write of 8 kB made durable, in microseconds. */
  fdatasyncUs: number;
  /** Of the minute before; more than a little means that something else was running. */
  loadBefore: number;
}

export async function describeMachine(folder: string, databaseUrl: string): Promise<Machine> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ server_version: string }>('show server_version'),
  );
  return {
    system: `${type()} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: rows[0]!.server_version,
    fdatasyncUs: Math.round(durableWrite(folder)),
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

function durableWrite(folder: string): number {
  const file = join(folder, 'fdatasync');
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(8192, 1);
  const took: number[] = [];
  for (let at = 0; at < 200; at++) {
    const begin = performance.now();
    writeSync(handle, page, 0, page.length, at * page.length);
    fdatasyncSync(handle);
    took.push((performance.now() - begin) * 1000);
  }
  closeSync(handle);
  rmSync(file);
  return median(took);
}
