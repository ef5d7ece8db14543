import type { LocationId, Ruleset } from '#libs/domain';
import type pg from 'pg';
import { moveCheckpoints } from './checkpoints.js';
import { transaction } from './database.js';
import { foldRoots } from './folding.js';
import { createIndexes, createTables, quoted, READ_MODELS } from './generation.js';
import type { LogReader } from './log-reader.js';
import { record } from './projector.js';

/** How far a rebuild is: first all events are written down, then all places are folded. */
export interface RebuildProgress {
  phase: 'events' | 'places';
  done: number;
  total: number;
  /** Events or places a second, since the phase began. */
  perSecond: number;
}

export interface RebuildOptions {
  schema?: string;
  onProgress?: (progress: RebuildProgress) => void;
  /** Ends the rebuild; the read models are left as they were. */
  signal?: AbortSignal;
}

const EVENTS_AT_ONCE = 2000;
const PLACES_AT_ONCE = 500;

/**
 * Makes the read models anew out of the whole log, with the ruleset given. For a stopped service: what is recorded
 * meanwhile has to be projected afterwards. They are made beside the old ones, which give way in one transaction at the
 * end: whatever happens before, the old ones are whole.
 * @returns how many events were folded, and how long it took
 * @throws the signal's reason, where it was given
 */
export async function rebuild(pool: pg.Pool, log: LogReader, ruleset: Ruleset, options: RebuildOptions = {}): Promise<{ events: number; seconds: number }> {
  const started = performance.now();
  const schema = options.schema ?? READ_MODELS;
  const draft = `${schema}_rebuild`;
  await pool.query(`drop schema if exists ${quoted(draft)} cascade`);
  try {
    await transaction(pool, (db) => createTables(db, draft, ruleset));
    const events = await writeEvents(pool, quoted(draft), log, ruleset, options);
    await foldPlaces(pool, quoted(draft), ruleset, options);
    await transaction(pool, (db) => createIndexes(db, draft));
    await pool.query(`analyze ${['timeline', 'location', 'location_state', 'state_history'].map((table) => `${quoted(draft)}.${table}`).join(', ')}`);
    options.signal?.throwIfAborted();
    await transaction(pool, async (db) => {
      await db.query(`drop schema if exists ${quoted(schema)} cascade`);
      await db.query(`alter schema ${quoted(draft)} rename to ${quoted(schema)}`);
    });
    return { events, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    await pool.query(`drop schema if exists ${quoted(draft)} cascade`).catch(() => {});
    throw error;
  }
}

async function writeEvents(pool: pg.Pool, s: string, log: LogReader, ruleset: Ruleset, { onProgress, signal }: RebuildOptions): Promise<number> {
  const heads = (await log.heads()).filter(({ position }) => position > 0);
  const total = heads.reduce((sum, { position }) => sum + position, 0);
  const tell = meter('events', total, onProgress);
  for (const { shard, position: head } of heads)
    for (let after = 0; after < head; ) {
      signal?.throwIfAborted();
      const events = await log.readShard(shard, after, Math.min(EVENTS_AT_ONCE, head - after));
      events.forEach(({ position }, at) => {
        if (position !== after + at + 1) throw new Error(`the log has no event ${shard}:${after + at + 1}`);
      });
      const last = events.at(-1);
      if (!last) throw new Error(`the log has no event ${shard}:${after + 1}`);
      await transaction(pool, async (db) => {
        await record(db, s, ruleset, events);
        await moveCheckpoints(db, s, [last]);
      });
      after = last.position;
      tell(events.length);
    }
  return total;
}

async function foldPlaces(pool: pg.Pool, s: string, ruleset: Ruleset, { onProgress, signal }: RebuildOptions): Promise<void> {
  const { rows: counted } = await pool.query<{ count: number }>(`select count(*)::int as count from ${s}.location where id = root_id`);
  const tell = meter('places', counted[0]!.count, onProgress);
  for (let last = ''; ; ) {
    signal?.throwIfAborted();
    const { rows } = await pool.query<{ id: LocationId }>(`select id from ${s}.location where id > $1 and id = root_id order by id limit ${PLACES_AT_ONCE}`, [last]);
    if (rows.length === 0) return;
    const roots = rows.map(({ id }) => id);
    await transaction(pool, (db) => foldRoots(db, s, ruleset, roots));
    last = roots.at(-1)!;
    tell(roots.length);
  }
}

function meter(phase: RebuildProgress['phase'], total: number, onProgress: RebuildOptions['onProgress']): (more: number) => void {
  const started = performance.now();
  let done = 0;
  return (more) => {
    done += more;
    onProgress?.({ phase, done, total, perSecond: Math.round((done * 1000) / Math.max(1, performance.now() - started)) });
  };
}
