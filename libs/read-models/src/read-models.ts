import { locationState, type Instant, type Interval, type LocationId, type Ruleset, type Token, type Vantage } from '#libs/domain';
import type pg from 'pg';
import { listChanges, listChangesAt, type ChangeFilter, type ChangeItem } from './changes.js';
import { readCheckpoints } from './checkpoints.js';
import { compareMoments, type Comparison } from './comparison.js';
import type { Db } from './database.js';
import { etagOf } from './etag.js';
import { quoted, rulesetOf, type Generation } from './generation.js';
import { readHistory } from './history.js';
import { lagOf, type LagSource, type ShardLag } from './lag.js';
import { listLocations, type LocationFilter, type LocationOrder } from './location-list.js';
import { LongTimelines } from './long-timelines.js';
import { readMoment, stateAt, type Moment } from './moments.js';
import { Cursors, type CursorInvalid, type Page, type PageRequest } from './page.js';
import { listPast, readDossier, readMembersAt } from './past.js';
import { reading } from './reading.js';
import type { StatementItem } from './statement-item.js';
import { readPlaces, type StatementPlaces } from './statement-places.js';
import { findStatement, listStatements, listTimeline, type StatementFilter, type TimelineFilter } from './statement-list.js';

/** A state as it is answered: JSON text and the entity tag of it, with quotes. */
export interface StoredState {
  json: string;
  etag: string;
}

/** A look at the database so often costs nothing; one for each request would. */
const RECENT_MS = 100;

/** What one generation of read models answers. Time-outs are the pool's. */
export class ReadModels {
  private readonly s: string;
  private readonly long = new LongTimelines();
  private readonly hot: { name: string; text: string };
  private recent: Promise<Ruleset> | undefined;
  private recentUntil = 0;

  /** @param writing takes what writes ask, so that they do not wait for readers */
  constructor(
    private readonly pool: pg.Pool,
    readonly generation: Generation,
    private readonly writing = pool,
  ) {
    const { schema } = generation;
    this.s = quoted(schema);
    this.hot = {
      name: `${schema}.location`.slice(0, 63),
      text: `select l.root_id as root, f.state as json, f.etag from ${this.s}.location l join ${this.s}.location_state f on f.id = l.root_id where l.id = $1`,
    };
  }

  /** The ruleset that the read models are derived with by now. */
  async ruleset(pool = this.pool): Promise<Ruleset> {
    const { rows } = await pool.query<{ version: string }>(`select ruleset_version as version from ${this.s}.generation`);
    return rulesetOf(this.generation, rows[0]!.version);
  }

  /** As `ruleset`, as of a moment ago: for writes, which come by the thousand. Where it cannot be read, the last that is known. */
  recentRuleset(): Promise<Ruleset> {
    if (!this.recent || performance.now() > this.recentUntil) {
      this.recent = this.ruleset(this.writing).catch(() => this.generation.ruleset);
      this.recentUntil = performance.now() + RECENT_MS;
    }
    return this.recent;
  }

  private read<T>(run: (db: Db, ruleset: Ruleset) => Promise<T>): Promise<T> {
    return reading(this.pool, this.generation, run);
  }

  /** The present state of a place; of a merged one that of the place it was merged into, with `mergedFrom`. */
  async location(id: string): Promise<StoredState | undefined> {
    const { rows } = await this.pool.query<StoredState & { root: string }>({ ...this.hot, values: [id] });
    const [row] = rows;
    if (!row) return undefined;
    const { root, json, etag } = row;
    return root === id ? { json, etag } : mergedFrom(id, json);
  }

  /** The state of a place as of some time, as far as it was known at some time. Undefined where it was not known by then. */
  async locationAt(id: string, vantage: Vantage): Promise<StoredState | undefined> {
    const moment = await readMoment(this.pool, this.s, id, vantage, this.long);
    if (!moment) return undefined;
    if (moment === 'more') {
      const found = await this.read(async (db, ruleset) => ({ dossier: await readDossier(db, this.s, id, vantage), ruleset }));
      return found.dossier && pastState(id, { dossier: found.dossier }, found.ruleset, vantage);
    }
    return pastState(id, moment, await rulesetOf(this.generation, moment.rulesetVersion), vantage);
  }

  /** The present states of places, as JSON texts. */
  locations(filter: LocationFilter, order: LocationOrder, page: PageRequest): Promise<Page<string> | CursorInvalid> {
    return this.read((db, ruleset) => listLocations(db, this.s, ruleset, filter, order, page));
  }

  /** The states of places at a vantage, by id. A page may be short while there is more: it folds 1,000 places at most. */
  locationsAt(filter: LocationFilter, vantage: Vantage, page: PageRequest): Promise<Page<string> | CursorInvalid> {
    return this.read((db, ruleset) => listPast(db, this.s, ruleset, filter, vantage, page));
  }

  /** Every statement about a place and those merged into it, marked as the vantage sees it. */
  async timeline(id: string, filter: TimelineFilter, page: PageRequest): Promise<Page<StatementItem> | CursorInvalid | undefined> {
    return this.read(async (db, ruleset) => {
      const members = await this.membersOf(db, id, filter);
      return members && listTimeline(db, this.s, ruleset, id, members, filter, page);
    });
  }

  /** The intervals of a place's history, oldest first; as of a time those that had begun by then. */
  async history(id: string, { asOf = null, knownAt = null }: Vantage, { limit, cursor }: PageRequest): Promise<Page<Interval> | CursorInvalid | undefined> {
    const cursors = new Cursors({ list: 'history', id, asOf, knownAt }, ['time']);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    if (after === 'cursor-invalid') return after;
    const from = after?.[0] as Instant | undefined;
    const rows = await (asOf || knownAt ? this.pastHistory(id, { asOf, knownAt }, from) : readHistory(this.pool, this.s, id, limit + 1, from));
    return rows && cursors.page(rows, limit, (interval) => [interval.from], (interval) => interval);
  }

  /** What changed between two times, place by place, as believed now or as known at a time. */
  changes(filter: ChangeFilter, knownAt: Instant | null, page: PageRequest): Promise<Page<ChangeItem> | CursorInvalid> {
    return this.read((db, ruleset) => (knownAt ? listChangesAt(db, this.s, ruleset, filter, knownAt, page) : listChanges(db, this.s, ruleset, filter, page)));
  }

  /** A place at two moments, and what differs. Undefined where it is known at neither. */
  compare(id: string, a: Vantage, b: Vantage, page: PageRequest): Promise<Comparison | CursorInvalid | undefined> {
    return this.read((db, ruleset) => compareMoments(db, this.s, ruleset, id, a, b, page));
  }

  /** Statements across places, newest first. */
  statements(filter: StatementFilter, page: PageRequest): Promise<Page<StatementItem> | CursorInvalid> {
    return this.read((db, ruleset) => listStatements(db, this.s, ruleset, filter, page));
  }

  /** One statement, with the place that it is about by now. */
  statement(statementId: string): ReturnType<typeof findStatement> {
    return this.read((db, ruleset) => findStatement(db, this.s, ruleset, statementId));
  }

  /** The places that statements of a vantage are about, by the ids of those that they were recorded on. */
  places(ids: readonly string[], vantage: Vantage): Promise<StatementPlaces> {
    return this.read((db) => readPlaces(db, this.s, ids, vantage));
  }

  /** How far the read models are. */
  checkpoints(): Promise<Token> {
    return readCheckpoints(this.pool, this.s);
  }

  /** How far they are behind the log, shard by shard. */
  async lag(log: LagSource, now: number = Date.now()): Promise<ShardLag[]> {
    return lagOf(log, await this.checkpoints(), now);
  }

  private async membersOf(db: Db, id: string, { knownAt }: Vantage): Promise<LocationId[] | undefined> {
    if (knownAt) return readMembersAt(db, this.s, id, knownAt);
    const { rows } = await db.query<{ id: LocationId }>(`select m.id from ${this.s}.location l join ${this.s}.location m on m.root_id = l.root_id where l.id = $1`, [id]);
    return rows.length === 0 ? undefined : rows.map((row) => row.id);
  }

  private pastHistory(id: string, vantage: Vantage, after?: Instant): Promise<Interval[] | undefined> {
    return this.read(async (db, ruleset) => {
      const dossier = await readDossier(db, this.s, id, vantage);
      return dossier && locationState(dossier, ruleset, vantage).history.filter(({ from }) => !after || from > after);
    });
  }
}

function pastState(id: string, moment: Moment, ruleset: Ruleset, vantage: Vantage): StoredState {
  const json = JSON.stringify(stateAt(moment, ruleset, vantage));
  return moment.dossier.places[0].id === id ? { json, etag: etagOf(json) } : mergedFrom(id, json);
}

/** The answer's own text, with one more field. */
function mergedFrom(id: string, json: string): StoredState {
  const answer = `${json.slice(0, -1)},"mergedFrom":${JSON.stringify(id)}}`;
  return { json: answer, etag: etagOf(answer) };
}
