import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  claimEvent,
  parseStatement,
  sha256,
  type LocationId,
  type RecordedEvent,
  type EventId,
} from '#libs/domain';
import { EventStore, migrate, type EventToAppend, type StoreOptions } from '#libs/log';
import { createPool } from '#libs/platform';
import { freshDatabase } from './database.js';

export const NOW = '2026-01-01T00:00:00.000Z';

/** A database of its own with the schema of the log in it, and a pool on it. */
export async function logDatabase(
  connections = 10,
): Promise<{ url: string; pool: pg.Pool; close: () => Promise<void> }> {
  const { url, drop } = await freshDatabase(migrate, 'log');
  const pool = createPool(url, { max: connections });
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

/** A store in a database of its own. */
export async function openStore(options: Partial<StoreOptions> = {}, connections?: number) {
  const database = await logDatabase(connections);
  return { ...database, store: await EventStore.open(database.pool, { shards: 16, ...options }) };
}

/** A statement as a worker submits it, with some fields replaced. */
export const input = (fields: object = {}): Record<string, unknown> => ({
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia' },
  location: { name: 'Volchansk', country: 'UA' },
  speaker: { name: 'Valery Gerasimov', party: 'russia' },
  statedAt: '2025-11-20',
  ...fields,
});

/** The candidate of a statement on a place; the same id and name make the same statement. */
export function claim(
  place: string,
  id: string = randomUUID(),
  name = 'Valery Gerasimov',
): EventToAppend & { id: { id: string } } {
  const parsed = parseStatement(input({ statementId: id, speaker: { name } }), NOW);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return { event: claimEvent(parsed.value, place as LocationId, ''), id: { id, digest: sha256(name) } };
}

/** The candidate of an event of the register. */
export const registration = (place: string): EventToAppend => ({
  event: {
    eventId: randomUUID() as EventId,
    type: 'location.registered',
    schemaVersion: 1,
    stream: 'register',
    data: { locationId: place as LocationId, names: [{ name: place }] },
  },
});

/** All events of an async sequence. */
export async function all(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const list: RecordedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** The value of an outcome that must be ok. */
export function valueOf<T>(outcome: { ok: true; value: T } | { ok: false; refusal: unknown } | undefined): T {
  if (!outcome?.ok) throw new Error(JSON.stringify(outcome));
  return outcome.value;
}
