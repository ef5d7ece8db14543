import { createHash } from 'node:crypto';
import pg from 'pg';
import { KeyRing, type Role } from '#libs/access';
import { type Running, startRunning } from '../api/running.js';

/** A key that a test knows before there is a service. */
export interface FixedKey {
  id: string;
  key: string;
  name: string;
  roles: Role[];
}

/** @param id twelve hexadecimal digits */
export const fixedKey = (id: string, name: string, roles: Role[]): FixedKey => ({
  id,
  key: `cl_${id}_${'k'.repeat(43)}`,
  name,
  roles,
});

/** The whole service, open, with a key. */
export async function startWithKey(key: FixedKey, env: Record<string, string> = {}): Promise<Running> {
  const running = await startRunning({ OPEN: 'all', ...env });
  await addKey(running, key);
  return running;
}

/** Adds a key to a store that may have it already. */
export async function addKey(running: Running, { id, key, name, roles }: FixedKey): Promise<void> {
  const client = new pg.Client({ connectionString: running.databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into claimline.keys (id, name, roles, hash, created_at) values ($1, $2, $3, $4, now()) on conflict do nothing`,
      [id, name, roles, createHash('sha256').update(key).digest()],
    );
  } finally {
    await client.end();
  }
  await running.service.app.get(KeyRing).refresh();
}
