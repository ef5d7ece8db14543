import type { Ruleset, Token } from '#libs/domain';
import { readEpochs } from '#libs/log';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';
import { readCheckpoints, reaches } from '../tables/checkpoints.js';
import {
  differing,
  digestTables,
  rowFaults,
  statusChanges,
  type Digests,
  type RowFault,
  type StatusChange,
} from '../tables/digest.js';
import { copyGrants, requireRebuildRights } from './generation-rights.js';
import { bringUp, ShadowGeneration } from './shadow-generation.js';
import { dropSchema, withProjectionPaused } from './projection-pause.js';
import {
  findGeneration,
  MODEL_SCHEMA_VERSION,
  putInForce,
  quoted,
  READ_MODELS,
} from '../tables/generation.js';
import type { LogArchive, LogReader } from '../tables/log-reader.js';
import { writeMissingWords } from '../tables/quote-words.js';
import { PROJECTED_CHANNEL, Projector } from '../projector.js';

export interface RebuildOptions {
  schema?: string;
  /** Leaves more of the processor and the database to readers: one shard at a time, not two, in smaller pieces. */
  lowPriority?: boolean | undefined;
  /** Called with the number of folded events, and of all at the beginning. The steps after the folding take time too. */
  onProgress?: (done: number, total: number) => void;
  /** Cancels it; the read models stay as they were. */
  signal?: AbortSignal;
}

export interface AdoptOptions extends RebuildOptions {
  /** Called before the new generation takes effect, with the version by which `isActive` later shows whether it has. */
  onReady?: (version: string, rebuilt: Rebuilt) => Promise<void>;
}

export interface Rebuilt {
  events: number;
  seconds: number;
  rulesetVersion: string;
  /** Of the new generation. */
  digests: Digests;
  /** The token at which the digests were taken. */
  token: string;
  /**
   * The tables that differ from those of the previous generation at the same token; null if that one cannot be compared:
   * there was none, it was of another ruleset or version of the tables, far behind, or a table of it is broken.
   */
  differing: string[] | null;
}

export interface RulesetComparison {
  events: number;
  rulesetVersion: { from: string; to: string };
  token: string;
  changes: number;
}

export interface ModelVerification {
  events: number;
  token: string;
  digests: { are: Digests; should: Digests };
  faults: RowFault[];
}

/** A rebuild is refused: another one is under way. */
export class RebuildUnderWay extends Error {
  override name = 'RebuildUnderWay';
}

/** The most events that a shadow generation may be behind, to be caught up with while projectors wait. */
const MAX_SWAP_LAG_EVENTS = 500;
/** Read models that are further behind the log, in events, are not brought up for a comparison. */
const MAX_COMPARE_LAG_EVENTS = 20_000;
const MAX_FAULTS_SHOWN = 10;
const MAX_ATTEMPTS = 50;

/**
 * Rebuilds the read models from the whole log, with the given ruleset, while others read and project. The new generation is
 * built beside the active one, and replaces it in one transaction: until then the active one stays complete.
 */
export async function rebuild(
  pool: pg.Pool,
  log: LogArchive,
  ruleset: Ruleset,
  options: AdoptOptions = {},
): Promise<Rebuilt> {
  const started = performance.now();
  const { schema = READ_MODELS, signal } = options;
  await requireRebuildRights(pool, schema);
  return withShadow(pool, log, ruleset, options, async (shadow, events) => {
    await writeMissingWords(pool, quoted(shadow.generation.schema), signal);
    const before = await findGeneration(pool, schema);
    const isLike =
      before?.layout === MODEL_SCHEMA_VERSION &&
      before.rulesetVersion === ruleset.version &&
      (await endsLikeLog(pool, quoted(schema), log).catch(whereBroken)) === true;
    const compared = await (isLike
      ? snapshotOfBoth(pool, log, shadow, { schema, ruleset }, signal, (db, token) =>
          digestBoth(db, schema, shadow, token),
        ).catch(whereBroken)
      : undefined);
    const should = compared ?? {
      token: (await readEpochs(pool)).format(await shadow.checkpoints()),
      digests: { should: await digestTables(pool, quoted(shadow.generation.schema)) },
    };
    const rebuilt: Rebuilt = {
      events,
      seconds: (performance.now() - started) / 1000,
      rulesetVersion: ruleset.version,
      digests: should.digests.should,
      token: should.token,
      differing: compared ? differing(compared.digests.are, compared.digests.should) : null,
    };
    await options.onReady?.(await generationVersion(pool, shadow.generation.schema), rebuilt);
    await swapGenerations(pool, log, shadow, schema, before !== undefined, signal);
    return { ...rebuilt, seconds: (performance.now() - started) / 1000 };
  });
}

/** Folds the log with another ruleset, reports the places that would change their status, and changes nothing. */
export async function compareRulesets(
  pool: pg.Pool,
  log: LogArchive,
  ruleset: Ruleset,
  present: Ruleset,
  onChange: (change: StatusChange) => void | Promise<void>,
  options: RebuildOptions = {},
): Promise<RulesetComparison> {
  const { schema = READ_MODELS, signal } = options;
  return withShadow(pool, log, ruleset, options, async (shadow, events) => {
    const compared = await snapshotOfBoth(
      pool,
      log,
      shadow,
      { schema, ruleset: present },
      signal,
      async (db, token) => {
        let changes = 0;
        for await (const change of statusChanges(db, quoted(schema), quoted(shadow.generation.schema))) {
          signal?.throwIfAborted();
          changes += 1;
          await onChange(change);
        }
        return {
          events,
          rulesetVersion: { from: present.version, to: ruleset.version },
          token: (await readEpochs(db)).format(token),
          changes,
        };
      },
    );
    if (!compared)
      throw new Error(
        `the read models are more than ${MAX_COMPARE_LAG_EVENTS} events behind the log: compare again when they are up to date`,
      );
    return compared;
  });
}

/** Verifies the read models against the log, and reports the rows that differ. Nothing is changed. */
export async function verifyModels(
  pool: pg.Pool,
  log: LogArchive,
  ruleset: Ruleset,
  options: RebuildOptions = {},
): Promise<ModelVerification> {
  const { schema = READ_MODELS, signal } = options;
  return withShadow(pool, log, ruleset, options, async (shadow, events) => {
    const verified = await snapshotOfBoth(
      pool,
      log,
      shadow,
      { schema, ruleset },
      signal,
      async (db, token) => {
        const both = await digestBoth(db, schema, shadow, token);
        const faults: RowFault[] = [];
        for (const table of differing(both.digests.are, both.digests.should))
          faults.push(
            ...(await rowFaults(
              db,
              table,
              quoted(schema),
              quoted(shadow.generation.schema),
              MAX_FAULTS_SHOWN,
            )),
          );
        return { ...both, events, faults };
      },
    );
    if (!verified)
      throw new Error(
        `the read models are more than ${MAX_COMPARE_LAG_EVENTS} events behind the log: verify them when they are up to date`,
      );
    return verified;
  });
}

/** Whether the generation of a version is the active one. */
export const isActive = async (
  pool: pg.Pool,
  version: string,
  schema: string = READ_MODELS,
): Promise<boolean> => (await generationVersion(pool, schema)) === version;

/** Removes the remains of an interrupted rebuild; nothing of one under way. */
export async function clearShadows(pool: pg.Pool, schema: string = READ_MODELS): Promise<void> {
  await withRebuildLock(pool, schema, () => dropShadows(pool, schema)).catch((error: unknown) => {
    if (!(error instanceof RebuildUnderWay)) throw error;
  });
}

async function dropShadows(pool: pg.Pool, schema: string): Promise<void> {
  for (const one of [shadowSchemaOf(schema), oldSchemaOf(schema)]) await dropSchema(pool, quoted(one));
}

/** Runs something while nobody else makes shadow generations of a set of read models. @throws RebuildUnderWay */
async function withRebuildLock<T>(pool: pg.Pool, schema: string, work: () => Promise<T>): Promise<T> {
  const keeper = await pool.connect();
  try {
    const { rows } = await keeper.query<{ held: boolean }>(
      `select pg_try_advisory_lock(${LOCK_KEY}) as held`,
      [schema],
    );
    if (!rows[0]!.held) throw new RebuildUnderWay(`another rebuild or check of ${schema} is under way`);
    try {
      return await work();
    } finally {
      // The lock goes with the connection too, but the server may notice its end late: the next rebuild would be refused.
      await keeper.query(`select pg_advisory_unlock(${LOCK_KEY})`, [schema]).catch(() => {});
    }
  } finally {
    keeper.release(true);
  }
}

const LOCK_KEY = `hashtext('claimline.rebuild'), hashtext($1)`;

const shadowSchemaOf = (schema: string) => `${schema}_next`;
const oldSchemaOf = (schema: string) => `${schema}_old`;

/** Identifies a generation for as long as it exists, whatever its schema is called. */
async function generationVersion(db: Db, schema: string): Promise<string> {
  const { rows } = await db.query<{ oid: string }>(
    `select c.oid::text as oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'generation'`,
    [schema],
  );
  return rows[0]?.oid ?? '';
}

/** Makes a shadow generation and runs something with it; afterwards the shadow generation is dropped, or has another name. */
function withShadow<T>(
  pool: pg.Pool,
  log: LogArchive,
  ruleset: Ruleset,
  { schema = READ_MODELS, lowPriority = false, signal, onProgress }: RebuildOptions,
  use: (shadow: ShadowGeneration, events: number) => Promise<T>,
): Promise<T> {
  return withRebuildLock(pool, schema, async () => {
    await requireRebuildRights(pool);
    await dropShadows(pool, schema);
    try {
      let events = 0;
      const onEvents = (done: number, total: number) => {
        events = done;
        onProgress?.(done, total);
      };
      const shadow = await ShadowGeneration.fold(
        pool,
        log,
        { schema: shadowSchemaOf(schema), ruleset },
        { lowPriority, signal, onEvents },
      );
      await catchUp(log, shadow, signal);
      return await use(shadow, events);
    } finally {
      // A schema that cannot be dropped yet is dropped by the next rebuild; this one has succeeded.
      await dropShadows(pool, schema).catch(() => {});
    }
  });
}

/** Catches up with the events recorded meanwhile, until few are left. */
async function catchUp(log: LogArchive, shadow: ShadowGeneration, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const heads = await headsOf(log);
    if (behind(await shadow.checkpoints(), heads) <= MAX_SWAP_LAG_EVENTS) return;
    signal?.throwIfAborted();
    await shadow.catchUp(heads);
  }
}

/**
 * Brings a shadow generation and the active generation to the same token, and reads both as of that token, while the active one
 * proceeds. Undefined if the active one is too far behind.
 */
async function snapshotOfBoth<T>(
  pool: pg.Pool,
  log: LogArchive,
  shadow: ShadowGeneration,
  live: { schema: string; ruleset: Ruleset },
  signal: AbortSignal | undefined,
  use: (db: Db, token: Token) => Promise<T>,
): Promise<T | undefined> {
  const liveSchema = quoted(live.schema);
  const projector = new Projector(pool, log, { ...live });
  const reader = await pool.connect();
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const reached = await shadow.checkpoints();
      if (behind(await readCheckpoints(pool, liveSchema), reached) > MAX_COMPARE_LAG_EVENTS) return undefined;
      // Its own projectors are about to do the same; the second one skips it.
      await bringUp(projector, log, reached, signal);
      await shadow.catchUp(await readCheckpoints(pool, liveSchema));
      const token = await withProjectionPaused(
        pool,
        liveSchema,
        async (_db, at) => (await catchUpTo(shadow, at)) && (await beginReading(reader), at),
        signal,
      );
      if (!token) continue;
      const result = await use(reader, token);
      await reader.query('commit');
      return result;
    }
    throw new Error('the read models change too fast to be compared');
  } finally {
    reader.release(true);
  }
}

/** The snapshot is taken by the first query. */
async function beginReading(db: Db): Promise<void> {
  await db.query('begin isolation level repeatable read read only; select 1');
}

/** SQLSTATE of a table that is gone, changed, or refuses its own rows. */
const OF_BROKEN_TABLE = /^(22|23|42|P0|XX)...$/;

/** A rebuild mends broken tables, so it does not need to read them. @throws any other error */
function whereBroken(error: unknown): undefined {
  if (!OF_BROKEN_TABLE.test(String((error as { code?: unknown }).code))) throw error;
}

/** Brings a shadow generation to the token of the paused active generation, if few events are left. */
async function catchUpTo(shadow: ShadowGeneration, at: Token): Promise<boolean> {
  const reached = await shadow.checkpoints();
  if (behind(reached, at) > MAX_SWAP_LAG_EVENTS || !reaches(at, reached)) return false;
  await shadow.catchUp(at);
  return true;
}

/** Whether the last event of each shard in the read models is the one that the log has there: else it has gone back without them. */
async function endsLikeLog(db: Db, schema: string, log: LogReader): Promise<boolean> {
  const { rows } = await db.query<{ shard: number; position: number; ms: number }>(
    `select shard, position::float8 as position, (extract(epoch from recorded_at) * 1000)::float8 as ms
     from ${schema}.checkpoint where position > 0`,
  );
  for (const { shard, position, ms } of rows) {
    const [last] = await log.readShard(shard, position - 1, 1);
    if (last === undefined || Date.parse(last.recordedAt) !== ms) return false;
  }
  return true;
}

async function digestBoth(db: Db, schema: string, shadow: ShadowGeneration, token: Token) {
  return {
    token: (await readEpochs(db)).format(token),
    digests: {
      are: await digestTables(db, quoted(schema)),
      should: await digestTables(db, quoted(shadow.generation.schema)),
    },
  };
}

/**
 * Replaces the active generation by a shadow generation and puts its ruleset in force, in one transaction; the shadow
 * generation is at least as far.
 */
async function swapGenerations(
  pool: pg.Pool,
  log: LogArchive,
  shadow: ShadowGeneration,
  schema: string,
  replaces: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const [live, next, old] = [quoted(schema), quoted(shadow.generation.schema), quoted(oldSchemaOf(schema))];
  const { ruleset } = shadow.generation;
  if (!replaces)
    await inTransaction(pool, async (db) => {
      await db.query(`alter schema ${next} rename to ${live}`);
      await putInForce(db, schema, ruleset);
    });
  else
    for (let done = false; !done;) {
      await catchUp(log, shadow, signal);
      done = await withProjectionPaused(
        pool,
        live,
        async (db, reached) => {
          // Where the log has gone back without the read models, they have more than it.
          const heads = await headsOf(log);
          const at = new Map(
            [...reached].map(([shard, position]) => [shard, Math.min(position, heads.get(shard) ?? 0)]),
          );
          if (behind(await shadow.checkpoints(), at) > MAX_SWAP_LAG_EVENTS) return false;
          await shadow.catchUp(at);
          await copyGrants(db, schema, shadow.generation.schema);
          await db.query(`alter schema ${live} rename to ${old}; alter schema ${next} rename to ${live}`);
          await putInForce(db, schema, ruleset);
          return true;
        },
        signal,
      );
    }
  // Waiters for a token and live streams read again.
  await pool.query(`notify ${PROJECTED_CHANNEL}`).catch(() => {});
}

const headsOf = async (log: LogArchive): Promise<Token> =>
  new Map((await log.heads()).map(({ shard, position }) => [shard, position]));

/** The number of events between two tokens. */
const behind = (reached: Token, token: Token): number =>
  [...token].reduce((sum, [shard, position]) => sum + Math.max(0, position - (reached.get(shard) ?? 0)), 0);
