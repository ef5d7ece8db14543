import { isClaim, isRegister, placesOf, type LocationId, type PlacedEvent, type Token } from '#libs/domain';
import type { Subscriber } from '#libs/feed';
import { inTransaction, isConflict, type Db } from '#libs/platform';
import type pg from 'pg';
import { GenerationMoved, holdGeneration, moveCheckpoints, readCheckpoints } from './tables/checkpoints.js';
import { clearDemoted, foldRoots } from './folding.js';
import { KeptFolds, type KeptFold } from './kept-folds.js';
import { quoted, rulesetOf, type Generation } from './tables/generation.js';
import { groupBy } from './tables/group-by.js';
import {
  lockRoots,
  recordRegister,
  RootsMovedError,
  touchedBy,
  type LockedPlaces,
} from './tables/location-rows.js';
import type { LogReader } from './tables/log-reader.js';
import { prepared } from './tables/prepared-queries.js';
import { quotedIn, writeQuoteWords } from './tables/quote-words.js';
import { recordStatements } from './tables/timeline-rows.js';

/** The pool of projectors: its sessions show that a projector is at work. */
export const PROJECTOR_POOL_NAME = 'project';
/** The channel that announces projections, without a payload: listeners read the checkpoints. */
export const PROJECTED_CHANNEL = 'claimline_projected';

/** Events that a shard's projection has missed: after position `after`, before position `before`. */
export interface Gap {
  shard: number;
  after: number;
  before: number;
}

export interface ProjectorOptions {
  /** Logs each gap before it is healed from the log. */
  log?: { warn(details: object, message: string): void };
  /** Whether the log is in the same database: then nothing is applied that it does not have. */
  inLog?: boolean;
  /** The number of concurrent transactions that a batch is split into, by shard: while one computes, another writes. */
  lanes?: number;
  /** The most statements that are kept in memory with the folds of their places. */
  keptStatements?: number;
  /** Called for each transaction that committed something. */
  onApplied?: (applied: { events: number; places: number; seconds: number }) => void;
}

/**
 * Applies the log to the read models. Rows and checkpoints change in one transaction, so every event takes effect once: an
 * event at or below the checkpoint is skipped, one after a gap waits until the gap is healed. Any number of projectors may
 * work at once, in any processes.
 */
export class Projector implements Subscriber {
  private readonly schema: string;
  private readonly kept: KeptFolds;

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: LogReader,
    private readonly generation: Generation,
    private readonly options: ProjectorOptions = {},
  ) {
    this.schema = quoted(generation.schema);
    this.kept = new KeptFolds(options.keptStatements);
  }

  checkpoints(): Promise<Token> {
    return readCheckpoints(this.pool, this.schema);
  }

  /** Applies events of any shards, in any order; repeats are skipped. */
  async handle(events: readonly PlacedEvent[]): Promise<void> {
    const most = events.length < MIN_EVENTS_TO_SPLIT ? 1 : (this.options.lanes ?? 2);
    const done = await Promise.allSettled(lanes(events, most).map((lane) => this.applyLane(lane)));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  /** Applies events in one transaction, after the gaps before them are healed. */
  private async applyLane(events: readonly PlacedEvent[]): Promise<void> {
    for (;;) {
      const started = performance.now();
      const { gaps, applied, places, folds } = await inTransaction(
        this.pool,
        (client) => this.project(prepared(client), events),
        { retryOn: isOvertaken },
      );
      if (folds) this.kept.keep(folds.values());
      if (applied > 0) {
        // If it is lost, a reader waits for its next poll: no reason to fail.
        await this.pool.query(`notify ${PROJECTED_CHANNEL}`).catch(() => {});
        this.options.onApplied?.({ events: applied, places, seconds: (performance.now() - started) / 1000 });
      }
      if (gaps.length === 0) return;
      for (const gap of gaps) await this.heal(gap);
    }
  }

  private async heal(gap: Gap): Promise<void> {
    this.options.log?.warn(gap, 'events were missed; they are read from the log');
    for (let after = gap.after; after < gap.before - 1;) {
      const missing = await this.log.readShard(
        gap.shard,
        after,
        Math.min(MAX_HEALED_BATCH, gap.before - 1 - after),
      );
      if (missing[0]?.position !== after + 1)
        throw new Error(`the log itself has no event ${gap.shard}:${after + 1}`);
      await this.applyLane(missing);
      after = missing.at(-1)!.position;
    }
  }

  /** Writes events into timeline and register, and folds the places that they touch; nothing where there are gaps before them. */
  private async project(
    db: Db,
    events: readonly PlacedEvent[],
  ): Promise<{ gaps: Gap[]; applied: number; places: number; folds?: KeptFolds }> {
    const { schema } = this;
    const shards = groupBy(events, ({ shard }) => shard);
    const { checkpoints, rulesetVersion } = await holdGeneration(
      db,
      schema,
      [...shards.keys()],
      this.options.inLog ? lastOf(shards.values()) : [],
    );
    const ruleset = await rulesetOf(this.generation, rulesetVersion);
    const cut = [...shards].map(([shard, of]) => fresh(shard, of, checkpoints.get(shard)!));
    const gaps = cut.flatMap(({ gap }) => gap ?? []);
    const due = cut.flatMap((one) => one.due);
    if (gaps.length > 0 || due.length === 0) return { gaps, applied: 0, places: 0 };
    const locked = await lockRoots(db, schema, touchedBy(due));
    let { roots } = locked;
    const kept = this.takeKept(locked, due);
    for (const { event, said } of await recordStatements(db, schema, ruleset, due))
      kept.get(locked.rootOf(event.stream as LocationId))?.fold.add(said);
    await writeQuoteWords(db, quotedIn(due));
    const register = due.filter(isRegister);
    if (register.length > 0) {
      const { promoted, demoted } = await recordRegister(db, schema, roots, register);
      await clearDemoted(db, schema, demoted);
      const gone = new Set(demoted);
      roots = [...roots.filter((id) => !gone.has(id)), ...promoted];
    }
    const folds = new KeptFolds(this.options.keptStatements);
    await foldRoots(db, schema, ruleset, roots, [...kept.values()], folds);
    await moveCheckpoints(
      db,
      schema,
      cut.flatMap((one) => one.due.at(-1) ?? []),
    );
    return { gaps, applied: due.length, places: roots.length, folds };
  }

  /** The kept folds of locked roots that the events add statements to, and nothing else. */
  private takeKept(
    { roots, rootOf, etagOf }: LockedPlaces,
    events: readonly PlacedEvent[],
  ): Map<LocationId, KeptFold> {
    const changed = new Set(
      events.filter((event) => !isClaim(event)).flatMap((event) => placesOf(event).map(rootOf)),
    );
    const kept = new Map<LocationId, KeptFold>();
    for (const root of roots) {
      const fold = this.kept.take(root, etagOf(root));
      if (fold && !changed.has(root)) kept.set(root, fold);
    }
    return kept;
  }
}

/** Whether another transaction was in the way, so that the same events can be applied again. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof RootsMovedError || error instanceof GenerationMoved || isConflict(error);

const MAX_HEALED_BATCH = 1000;
/** Below this number, the queries of a second transaction cost more than concurrency gains. */
const MIN_EVENTS_TO_SPLIT = 500;

/** Splits events into lanes of about the same length; each shard is in one lane only. */
function lanes(events: readonly PlacedEvent[], most: number): PlacedEvent[][] {
  const lanes: PlacedEvent[][] = Array.from({ length: most }, () => []);
  const shards = [...groupBy(events, ({ shard }) => shard).values()].toSorted((a, b) => b.length - a.length);
  for (const of of shards) {
    const shortest = lanes.reduce((a, b) => (b.length < a.length ? b : a));
    for (const event of of) shortest.push(event);
  }
  return lanes.filter(({ length }) => length > 0);
}

/** The event of each shard at the highest position. */
const lastOf = (shards: Iterable<readonly PlacedEvent[]>): PlacedEvent[] =>
  Array.from(shards, (of) => of.reduce((last, event) => (event.position > last.position ? event : last)));

/** The new events of a shard, in order; or the gap before them. */
function fresh(
  shard: number,
  events: readonly PlacedEvent[],
  checkpoint: number,
): { due: PlacedEvent[]; gap?: Gap } {
  const due: PlacedEvent[] = [];
  let reached = checkpoint;
  for (const event of events.toSorted((a, b) => a.position - b.position)) {
    if (event.position <= reached) continue;
    if (event.position > reached + 1)
      return { due: [], gap: { shard, after: reached, before: event.position } };
    due.push(event);
    reached = event.position;
  }
  return { due };
}
