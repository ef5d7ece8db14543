import { locationState, type BitemporalPoint, type Instant, type Interval, type Ruleset } from '#libs/domain';
import { readPlaceHistory } from '../as-of/place-history.js';
import { basisOf, readMembership, reportBasis, type Basis, type QueryOptions } from '../freshness/basis.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';

/**
 * The intervals of a place's history, oldest first; as of a time those that had begun by then. Undefined if the place is
 * not known, or was not known then.
 */
export class GetHistory extends Query<Page<Interval> | CursorInvalid | undefined> {
  constructor(
    readonly id: string,
    readonly point: BitemporalPoint,
    readonly page: PageRequest,
    readonly options: QueryOptions = {},
  ) {
    super();
  }
}

export class GetHistoryHandler implements QueryHandler<GetHistory> {
  constructor(private readonly models: ReadModels) {}

  async execute({ id, point, page, options: { ruleset, onBasis } }: GetHistory) {
    const { limit, cursor } = page;
    const cursors = new PageCursors(historyQuestion(id, point, ruleset?.version), ['time']);
    const key = cursor === undefined ? undefined : cursors.read(cursor);
    if (key === 'cursor-invalid') return key;
    const after = key?.[0] as Instant | undefined;
    const found = await (point.asOf || point.knownAt || ruleset
      ? foldHistory(this.models, id, point, ruleset, after)
      : readHistory(this.models, id, limit + 1, after));
    if (!found) return undefined;
    const answer = cursors.page(
      found.intervals,
      limit,
      ({ from }) => [from],
      (interval) => interval,
    );
    reportBasis(answer, page, onBasis, found.basis, (fix) =>
      historyQuestion(id, fix(point), found.basis.ruleset),
    );
    return answer;
  }
}

/** The question for a history. */
const historyQuestion = (
  id: string,
  { asOf = null, knownAt = null }: BitemporalPoint,
  ruleset?: string,
): object => ({ list: 'history', id, asOf, knownAt, ruleset });

/** Intervals, and their basis. */
interface HistoryFound {
  intervals: Interval[];
  basis: Basis;
}

type IntervalRow = Omit<Interval, 'from' | 'to'> & {
  from: Date | null;
  to: Date | null;
  recordedAt: Date;
  ruleset: string;
};

/** The intervals of a place, or of the one it is merged into, that begin after a time; undefined if there is no such place. */
async function readHistory(
  { pool, schema }: ReadModels,
  id: string,
  limit: number,
  after?: Instant,
): Promise<HistoryFound | undefined> {
  const { rows } = await pool.query<IntervalRow>(
    `select h."from", h."to", h.status, h.rule, h.holders, h.event_id as "eventId",
       f.last_recorded_at as "recordedAt", (select ruleset_version from ${schema}.generation) as ruleset
     from ${schema}.location l
     join ${schema}.location_state f on f.id = l.root_id
     left join lateral (
       select * from ${schema}.state_history h
       where h.location_id = l.root_id and ($2::timestamptz is null or h."from" > $2) order by h."from" limit $3
     ) h on true
     where l.id = $1 order by h."from"`,
    [id, after ?? null, limit],
  );
  const [first] = rows;
  if (!first) return undefined;
  const intervals = rows.flatMap(({ from, to, status, rule, holders, eventId }) =>
    from === null
      ? []
      : [{ from: from.toISOString(), to: to && to.toISOString(), status, rule, holders, eventId }],
  );
  return { intervals, basis: { ruleset: first.ruleset, recordedAt: first.recordedAt.toISOString() } };
}

/** The intervals after a time, as of a moment or by a requested ruleset. */
function foldHistory(
  models: ReadModels,
  id: string,
  point: BitemporalPoint,
  requested: Ruleset | undefined,
  after?: Instant,
): Promise<HistoryFound | undefined> {
  return models.read(async (tx) => {
    const known = await readPlaceHistory(tx, id, point.knownAt);
    const present = known && (await readMembership(tx, id));
    if (!present) return undefined;
    const { history } = locationState(known, tx.ruleset, point);
    return {
      intervals: history.filter(({ from }) => !after || from > after),
      basis: basisOf(present, tx.ruleset),
    };
  }, requested);
}
