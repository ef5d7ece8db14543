import {
  locationState,
  type Instant,
  type Interval,
  type LocationId,
  type LocationState,
  type Ruleset,
  type Token,
  type BitemporalPoint,
} from '#libs/domain';
import type pg from 'pg';
import { basisOf, readMembership, reportBasis, type Asked, type Chosen } from '../freshness/basis.js';
import { changesAsked, listChanges, listChangesAt, type ChangeFilter, type ChangeItem } from './changes.js';
import { readCheckpoints } from '../tables/checkpoints.js';
import { compareMoments, comparisonAsked, type Comparison } from './comparison.js';
import type { Db } from '../tables/database.js';
import { etagOf } from '../tables/etag.js';
import { quoted, rulesetOf, type Generation } from '../tables/generation.js';
import { historyAsked, readHistory, type HistoryFound } from './history.js';
import { lagOf, type LagSource, type ShardLag } from '../freshness/lag.js';
import { listLocations, type LocationFilter, type LocationOrder } from './location-list.js';
import { LongTimelines } from '../as-of/long-timelines.js';
import { readMoment, stateAt, type PlaceAtMoment } from '../as-of/state-as-of.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../tables/page.js';
import { listPast, pastAsked, readPlaceHistory, readMembersAt } from './list-as-of.js';
import { readConsistently } from './consistent-read.js';
import type { StatementItem } from './statement-item.js';
import { readPlaces, type StatementPlaces } from './statement-places.js';
import {
  findStatement,
  listStatements,
  listTimeline,
  timelineAsked,
  type StatementFilter,
  type TimelineFilter,
} from './statement-list.js';

/** A state as it is answered: JSON text, and its entity tag with quotes. */
export interface StoredState {
  json: string;
  etag: string;
}

/** The interval between reads of the ruleset's version: at this rate they cost nothing, one for each request would. */
const RULESET_CACHE_MS = 100;

/** The queries on one generation of read models. Time-outs are the pool's. */
export class ReadModels {
  private readonly schema: string;
  private readonly long = new LongTimelines();
  private readonly hot: { name: string; text: string };
  private recent: Promise<Ruleset> | undefined;
  private recentUntil = 0;

  /** @param writing the pool for queries of writes, so that they do not wait for readers */
  constructor(
    private readonly pool: pg.Pool,
    readonly generation: Generation,
    private readonly writing = pool,
  ) {
    const { schema } = generation;
    this.schema = quoted(schema);
    // The basis of a state is one text: each column of an answer costs as much as a look-up in an index.
    this.hot = {
      name: `${schema}.location`.slice(0, 63),
      text: `select f.state as json, f.etag, concat_ws(' ', l.root_id,
          (extract(epoch from f.last_recorded_at) * 1000)::bigint,
          (select ruleset_version from ${this.schema}.generation)) as basis
        from ${this.schema}.location l join ${this.schema}.location_state f on f.id = l.root_id where l.id = $1`,
    };
  }

  /** The ruleset that the read models are now derived with. */
  async ruleset(pool = this.pool): Promise<Ruleset> {
    const { rows } = await pool.query<{ version: string }>(
      `select ruleset_version as version from ${this.schema}.generation`,
    );
    return rulesetOf(this.generation, rows[0]!.version);
  }

  /** As `ruleset`, up to a moment old, for writes by the thousand; the last known one if it cannot be read. */
  recentRuleset(): Promise<Ruleset> {
    if (!this.recent || performance.now() > this.recentUntil) {
      this.recent = this.ruleset(this.writing).catch(() => this.generation.ruleset);
      this.recentUntil = performance.now() + RULESET_CACHE_MS;
    }
    return this.recent;
  }

  /** @param run takes the requested ruleset or that of the tables, and the time of the last event in them */
  private read<T>(
    run: (db: Db, chosen: Chosen, recordedAt: Instant | null) => Promise<T>,
    wanted?: Ruleset,
  ): Promise<T> {
    return readConsistently(this.pool, this.generation, (db, inForce, recordedAt) =>
      run(
        db,
        {
          ruleset: wanted ?? inForce,
          asked: wanted?.version,
          isOwn: (wanted ?? inForce).version === inForce.version,
        },
        recordedAt,
      ),
    );
  }

  /** The present state of a place; of a merged one that of the place it was merged into, with `mergedFrom`. */
  async location(id: string, { onBasis }: Pick<Asked, 'onBasis'> = {}): Promise<StoredState | undefined> {
    const { rows } = await this.pool.query<StoredState & { basis: string }>({ ...this.hot, values: [id] });
    const [row] = rows;
    if (!row) return undefined;
    const { json, etag, basis } = row;
    const [root, recordedAt] = basis.split(' ', 2) as [string, string];
    onBasis?.({
      ruleset: basis.slice(root.length + recordedAt.length + 2),
      recordedAt: new Date(Number(recordedAt)).toISOString(),
      places: () => [root as LocationId, ...(JSON.parse(json) as LocationState).merged],
    });
    return root === id ? { json, etag } : mergedFrom(id, json);
  }

  /** The state of a place as of some time, as known at some time; undefined if the place was not known then. */
  async locationAt(
    id: string,
    point: BitemporalPoint,
    { ruleset: wanted, onBasis }: Asked = {},
  ): Promise<StoredState | undefined> {
    const moment = await readMoment(this.pool, this.schema, id, point, this.long);
    if (!moment) return undefined;
    if (moment === 'more')
      return this.read(async (db, { ruleset }) => {
        const history = await readPlaceHistory(db, this.schema, id, point);
        const present = history && onBasis && (await readMembership(db, this.schema, id));
        if (present) onBasis?.(basisOf(present, ruleset));
        return history && pastState(id, { placeHistory: history }, ruleset, point);
      }, wanted);
    const { recordedAt, members, rulesetVersion } = moment;
    onBasis?.({ ruleset: wanted?.version ?? rulesetVersion, recordedAt, places: () => members });
    // Tables and as-of indexes are of the ruleset in force.
    if (wanted && wanted.version !== rulesetVersion)
      return pastState(id, { placeHistory: moment.placeHistory }, wanted, point);
    return pastState(id, moment, await rulesetOf(this.generation, rulesetVersion), point);
  }

  /** The present states of places, as JSON texts. The basis is reported only in the order of ids, the one order of past lists. */
  locations(
    filter: LocationFilter,
    order: LocationOrder,
    page: PageRequest,
    { onBasis }: Pick<Asked, 'onBasis'> = {},
  ): Promise<Page<string> | CursorInvalid> {
    return this.read(async (db, { ruleset }, recordedAt) => {
      const found = await listLocations(db, this.schema, ruleset, filter, order, page);
      if (order === 'id')
        reportBasis(found, page, onBasis, { ruleset: ruleset.version, recordedAt }, (fix) =>
          pastAsked(filter, fix({}), ruleset.version),
        );
      return found;
    });
  }

  /** The states of places at a bitemporal point, by id. A page folds at most 1,000 places: it may be short while there are more. */
  locationsAt(
    filter: LocationFilter,
    point: BitemporalPoint,
    page: PageRequest,
    asked: Asked = {},
  ): Promise<Page<string> | CursorInvalid> {
    return this.read(async (db, chosen, recordedAt) => {
      const { version } = chosen.ruleset;
      const found = await listPast(db, this.schema, chosen, filter, point, page);
      reportBasis(found, page, asked.onBasis, { ruleset: version, recordedAt }, (fix) =>
        pastAsked(filter, fix(point), version),
      );
      return found;
    }, asked.ruleset);
  }

  /** Every statement about a place and those merged into it, as of the bitemporal point. */
  async timeline(
    id: string,
    filter: TimelineFilter,
    page: PageRequest,
    asked: Asked = {},
  ): Promise<Page<StatementItem> | CursorInvalid | undefined> {
    return this.read(async (db, chosen) => {
      const present = await readMembership(db, this.schema, id);
      const members = filter.knownAt
        ? await readMembersAt(db, this.schema, id, filter.knownAt)
        : present?.members;
      if (!present || !members) return undefined;
      const found = await listTimeline(db, this.schema, chosen, id, members, filter, page);
      reportBasis(found, page, asked.onBasis, basisOf(present, chosen.ruleset), (fix) =>
        timelineAsked(id, { ...filter, ...fix(filter) }, chosen.ruleset.version),
      );
      return found;
    }, asked.ruleset);
  }

  /** The intervals of a place's history, oldest first; as of a time those that had begun by then. */
  async history(
    id: string,
    point: BitemporalPoint,
    page: PageRequest,
    { ruleset: wanted, onBasis }: Asked = {},
  ): Promise<Page<Interval> | CursorInvalid | undefined> {
    const { limit, cursor } = page;
    const { asOf = null, knownAt = null } = point;
    const cursors = new PageCursors(historyAsked(id, point, wanted?.version), ['time']);
    const after = cursor === undefined ? undefined : cursors.read(cursor);
    if (after === 'cursor-invalid') return after;
    const from = after?.[0] as Instant | undefined;
    const found = await (asOf || knownAt || wanted
      ? this.pastHistory(id, point, wanted, from)
      : readHistory(this.pool, this.schema, id, limit + 1, from));
    if (!found) return undefined;
    const { intervals, basis } = found;
    const answer = cursors.page(
      intervals,
      limit,
      (interval) => [interval.from],
      (interval) => interval,
    );
    reportBasis(answer, page, onBasis, basis, (fix) => historyAsked(id, fix(point), basis.ruleset));
    return answer;
  }

  /**
   * The changes between two times, as believed now; or, as known at a time or by a requested ruleset, place by place. Only
   * then is the basis reported.
   */
  changes(
    filter: ChangeFilter,
    knownAt: Instant | null,
    page: PageRequest,
    asked: Asked = {},
  ): Promise<Page<ChangeItem> | CursorInvalid> {
    return this.read(async (db, chosen, recordedAt) => {
      const { version } = chosen.ruleset;
      if (!knownAt && !asked.ruleset) return listChanges(db, this.schema, chosen.ruleset, filter, page);
      const found = await listChangesAt(db, this.schema, chosen, filter, knownAt, page);
      reportBasis(found, page, asked.onBasis, { ruleset: version, recordedAt }, (fix) =>
        changesAsked(filter, fix({ knownAt }).knownAt, version),
      );
      return found;
    }, asked.ruleset);
  }

  /** A place at two moments, with the differences; undefined if it is known at neither. */
  compare(
    id: string,
    a: BitemporalPoint,
    b: BitemporalPoint,
    page: PageRequest,
    asked: Asked = {},
  ): Promise<Comparison | CursorInvalid | undefined> {
    return this.read(async (db, chosen) => {
      const found = await compareMoments(db, this.schema, chosen, id, a, b, page);
      const present = asked.onBasis && (await readMembership(db, this.schema, id));
      if (present)
        reportBasis(found, page, asked.onBasis, basisOf(present, chosen.ruleset), (fix) =>
          comparisonAsked(id, fix(a), fix(b), chosen.ruleset.version),
        );
      return found;
    }, asked.ruleset);
  }

  /** Statements across places, newest first. */
  statements(filter: StatementFilter, page: PageRequest): Promise<Page<StatementItem> | CursorInvalid> {
    return this.read((db, { ruleset }) => listStatements(db, this.schema, ruleset, filter, page));
  }

  /** One statement, with the place that it is now about. */
  statement(statementId: string): ReturnType<typeof findStatement> {
    return this.read((db, { ruleset }) => findStatement(db, this.schema, ruleset, statementId));
  }

  /** The places that statements are about at a bitemporal point, by the ids of the places they were recorded on. */
  places(ids: readonly string[], point: BitemporalPoint): Promise<StatementPlaces> {
    return this.read((db) => readPlaces(db, this.schema, ids, point));
  }

  /** The checkpoints of the read models. */
  checkpoints(): Promise<Token> {
    return readCheckpoints(this.pool, this.schema);
  }

  /** Their lag behind the log, shard by shard. */
  async lag(log: LagSource, now: number = Date.now()): Promise<ShardLag[]> {
    return lagOf(log, await this.checkpoints(), now);
  }

  private pastHistory(
    id: string,
    point: BitemporalPoint,
    wanted: Ruleset | undefined,
    after?: Instant,
  ): Promise<HistoryFound | undefined> {
    return this.read(async (db, { ruleset }) => {
      const placeHistory = await readPlaceHistory(db, this.schema, id, point);
      const present = placeHistory && (await readMembership(db, this.schema, id));
      if (!present) return undefined;
      const { history } = locationState(placeHistory, ruleset, point);
      return {
        basis: basisOf(present, ruleset),
        intervals: history.filter(({ from }) => !after || from > after),
      };
    }, wanted);
  }
}

function pastState(id: string, moment: PlaceAtMoment, ruleset: Ruleset, point: BitemporalPoint): StoredState {
  const json = JSON.stringify(stateAt(moment, ruleset, point));
  return moment.placeHistory.places[0].id === id ? { json, etag: etagOf(json) } : mergedFrom(id, json);
}

/** The text of an answer with one more field. */
function mergedFrom(id: string, json: string): StoredState {
  const answer = `${json.slice(0, -1)},"mergedFrom":${JSON.stringify(id)}}`;
  return { json: answer, etag: etagOf(answer) };
}
