import { REGISTER_STREAM, shardOf, type Token, UnreadableEvent, UnreadableShards } from '#libs/domain';
import { inTransaction } from '#libs/platform';
import type pg from 'pg';
import { moveCheckpoints, readCheckpoints } from '../tables/checkpoints.js';
import { CopyWriter } from '../tables/copying.js';
import { prepared } from '../tables/prepared-queries.js';
import { foldRoots } from '../folding.js';
import { createTables, indexesOf, keysOf, quoted, TABLES, type Generation } from '../tables/generation.js';
import type { LogArchive } from '../tables/log-reader.js';
import { Projector } from '../projector.js';
import { dropStaging, MergeIndex, stageRegister, stagingTable } from './merge-index.js';
import { foldShard } from './shard-fold.js';

export interface ShadowOptions {
  /** Leaves more of the processor and the database to others. */
  lowPriority: boolean;
  signal?: AbortSignal | undefined;
  /** Called with the number of folded events, and of all events of the log when the shadow generation was begun. */
  onEvents: (done: number, total: number) => void;
}

/**
 * `lanes`: the shards folded at once, each with three connections. `piece`: the bytes of rows sent at once; a large piece
 * keeps a core busy long enough to slow concurrent readers.
 */
const NORMAL_PRIORITY = { lanes: 2, piece: 2_000_000 };
const LOW_PRIORITY = { lanes: 1, piece: 200_000 };

const ROOTS_PER_TRANSACTION = 50;
const EVENTS_PER_TRANSACTION = 2000;

/** A generation that is not read yet. It is filled from the log beside the active one. */
export class ShadowGeneration {
  private readonly schema: string;
  private readonly projector: Projector;
  private readonly pace: typeof NORMAL_PRIORITY;

  private constructor(
    private readonly pool: pg.Pool,
    private readonly log: LogArchive,
    readonly generation: Generation,
    private readonly options: ShadowOptions,
  ) {
    this.schema = quoted(generation.schema);
    this.projector = new Projector(pool, log, generation);
    this.pace = options.lowPriority ? LOW_PRIORITY : NORMAL_PRIORITY;
  }

  /** Folds the log as it is now. Later events have to be caught up with. @throws UnreadableShards, UnreadableEvent */
  static async fold(
    pool: pg.Pool,
    log: LogArchive,
    generation: Generation,
    options: ShadowOptions,
  ): Promise<ShadowGeneration> {
    const shadow = new ShadowGeneration(pool, log, generation, options);
    await shadow.fill();
    return shadow;
  }

  /** Its checkpoints. */
  checkpoints(): Promise<Token> {
    return readCheckpoints(this.pool, this.schema);
  }

  /** Brings it up to a token, and no further. */
  catchUp(token: Token): Promise<void> {
    return bringUp(this.projector, this.log, token, this.options.signal);
  }

  private async fill(): Promise<void> {
    const { pool, log, generation, schema } = this;
    const { ruleset } = generation;
    const heads = (await log.heads()).filter(({ position }) => position > 0);
    await inTransaction(pool, async (db) => {
      await createTables(db, generation.schema, ruleset);
      await db.query(stagingTable(schema));
    });
    const headOf = new Map(heads.map(({ shard, position }) => [shard, position]));
    const joined = await this.writing((writer) =>
      stageRegister(writer, log, log.shards, headOf.get(shardOf(REGISTER_STREAM, log.shards)) ?? 0),
    ).catch(async (error: unknown) => {
      if (!(error instanceof UnreadableEvent)) throw error;
      // Without merges nothing of it can be used; it names the unreadable events of all shards.
      await this.foldShards(headOf, new MergeIndex());
      throw error;
    });
    await this.foldShards(headOf, joined);
    await this.sideBySide([...keysOf(generation.schema), dropStaging(schema)]);
    const roots = [...joined];
    for (let at = 0; at < roots.length; at += ROOTS_PER_TRANSACTION) {
      this.options.signal?.throwIfAborted();
      const some = roots.slice(at, at + ROOTS_PER_TRANSACTION);
      await inTransaction(pool, (db) => foldRoots(prepared(db), schema, ruleset, some));
    }
    await this.sideBySide(indexesOf(generation.schema));
    // Where places are counted an index holds all that is read, but only a vacuum says that it holds all.
    const vacuumed: string[] = ['location', 'location_state'];
    await this.sideBySide(
      TABLES.map(
        (table) => `${vacuumed.includes(table) ? 'vacuum (analyze)' : 'analyze'} ${schema}.${table}`,
      ),
    );
    await inTransaction(pool, (db) =>
      moveCheckpoints(
        db,
        schema,
        heads.map(({ shard, position, recordedAt }) => ({ shard, position, recordedAt: recordedAt! })),
      ),
    );
  }

  private async foldShards(heads: Token, joined: MergeIndex): Promise<void> {
    const total = [...heads.values()].reduce((sum, position) => sum + position, 0);
    let done = 0;
    const onEvents = (count: number) => this.options.onEvents((done += count), total);
    // Longest first, so that no lane is left with a long shard at the end; shards with places of the register alone come last.
    const shards = Array.from({ length: this.log.shards }, (_, shard) => shard).toSorted(
      (a, b) => (heads.get(b) ?? 0) - (heads.get(a) ?? 0),
    );
    const { pool, schema, log, generation, options } = this;
    const unreadable: UnreadableEvent[] = [];
    // The other shards are folded too, so that the unreadable event of each is named at once.
    const leave = (error: unknown) => {
      if (!(error instanceof UnreadableEvent)) throw error;
      unreadable.push(error);
    };
    await inLanes(this.pace.lanes, () =>
      this.writing(async (writer) => {
        for (let shard = shards.shift(); shard !== undefined; shard = shards.shift())
          await foldShard(
            {
              pool,
              schema,
              log,
              ruleset: generation.ruleset,
              joined,
              writer,
              onEvents,
              signal: options.signal,
            },
            shard,
            heads.get(shard) ?? 0,
          ).catch(leave);
        await writer.close();
      }),
    );
    if (unreadable.length > 0) throw new UnreadableShards(unreadable);
  }

  /** Writes by COPY on a connection of its own, without waiting for the disk: the commit that activates the shadow generation does that. */
  private async writing<T>(write: (writer: CopyWriter) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('set synchronous_commit = off');
      return await write(new CopyWriter(client, this.schema, this.pace.piece));
    } finally {
      client.release(true);
    }
  }

  /** Each may take long: the server aborts it if the signal is given. */
  private async sideBySide(statements: readonly string[]): Promise<void> {
    const queue = [...statements];
    const { signal } = this.options;
    await inLanes(this.pace.lanes, async () => {
      const client = await this.pool.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const breakOff = () =>
        void this.pool.query('select pg_cancel_backend($1)', [rows[0]!.pid]).catch(() => {});
      signal?.addEventListener('abort', breakOff);
      try {
        await client.query(
          `set maintenance_work_mem = '${INDEXING_MEMORY}'; set max_parallel_maintenance_workers = 0`,
        );
        for (let statement = queue.shift(); statement !== undefined; statement = queue.shift()) {
          signal?.throwIfAborted();
          await client.query(statement);
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', breakOff);
        client.release(true);
      }
    });
  }
}

const INDEXING_MEMORY = '96MB';

async function inLanes(lanes: number, work: () => Promise<void>): Promise<void> {
  const done = await Promise.allSettled(Array.from({ length: lanes }, work));
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}

/** Applies the log up to a token. @param projector of the generation to bring up */
export async function bringUp(
  projector: Projector,
  log: Pick<LogArchive, 'readShard'>,
  token: Token,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const reached = await projector.checkpoints();
    const behind = [...token].filter(([shard, position]) => position > (reached.get(shard) ?? 0));
    if (behind.length === 0) return;
    const most = Math.ceil(EVENTS_PER_TRANSACTION / behind.length);
    const pages = await Promise.all(
      behind.map(([shard, position]) =>
        log.readShard(shard, reached.get(shard) ?? 0, Math.min(most, position - (reached.get(shard) ?? 0))),
      ),
    );
    const events = pages.flat();
    if (events.length === 0) {
      const [shard, position] = behind[0]!;
      throw new Error(`the log has no event ${shard}:${position}: it has gone back (docs/operations.md)`);
    }
    await projector.handle(events);
  }
}
