import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** The embedded PostgreSQL of a data folder, as it says itself: process and URL; undefined while there is none. */
export function postgresOf(dataDir: string): { pid: number; url: string } | undefined {
  try {
    // The data may be elsewhere, with a link to it.
    const [pid, , , port] = readFileSync(
      join(realpathSync(join(dataDir, 'postgres')), 'postmaster.pid'),
      'utf8',
    ).split('\n');
    const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8').trim();
    if (!Number(pid) || !Number(port)) return undefined;
    return {
      pid: Number(pid),
      url: `postgresql://claimline:${password}@127.0.0.1:${Number(port)}/claimline`,
    };
  } catch {
    return undefined;
  }
}
