import {
  fold,
  locationState,
  type BitemporalPoint,
  type Extent,
  type Instant,
  type LocationId,
  type RecordedStatement,
  type Ruleset,
} from '#libs/domain';
import { STATEMENT_ORDER } from '#libs/projection';
import { TimeSlice } from '#libs/concurrency';
import { FOLD_BATCH } from '../as-of/list-as-of.js';
import { readPlaceLookup } from '../as-of/place-history.js';
import { Conditions } from '../conditions.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import {
  type Control,
  controlFrom,
  controlOf,
  outcomeOf,
  OUTCOMES,
  placeNow,
  type StatementOutcome,
} from './outcome.js';
import { NEWEST_FIRST, statedBetween } from './statement-rows.js';

/** Whose statements, from which time, and the point as of which they are counted. */
export interface OutcomeFilter extends BitemporalPoint {
  of: 'speaker' | 'outlet';
  /** Compared folded. */
  name: string;
  from?: Instant;
  to?: Instant;
}

export interface OutcomeCount extends StatementOutcome {
  count: number;
}

/** What somebody said, counted by what has become of it. */
export interface Outcomes {
  /** All statements. */
  statements: number;
  firstStatedAt: Instant | null;
  lastStatedAt: Instant | null;
  /** The newest of them, whose outcomes are counted. */
  counted: number;
  /** The places that those are about. */
  places: number;
  outcomes: OutcomeCount[];
  rulesetVersion: string;
}

/** How many statements are followed to their places at most, however many the speaker has. */
export const MAX_COUNTED = 10_000;

/** The statements of a speaker or an outlet, counted by what has become of them by now, or by the point of the filter. */
export class CountOutcomes extends Query<Outcomes> {
  constructor(
    readonly filter: OutcomeFilter,
    readonly most = MAX_COUNTED,
    /** The claims are folded with this ruleset (default: the one in force). */
    readonly ruleset?: Ruleset,
  ) {
    super();
  }
}

export class CountOutcomesHandler implements QueryHandler<CountOutcomes> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, most, ruleset }: CountOutcomes): Promise<Outcomes> {
    return this.models.read(
      async (tx) => ({
        ...(await readTotals(tx, filter)),
        ...tallied(await readGroups(tx, filter, most), tx.ruleset, filter),
        rulesetVersion: tx.ruleset.version,
      }),
      ruleset,
    );
  }
}

const saidBy = ({ of, name, from, to, asOf, knownAt }: OutcomeFilter) =>
  statedBetween(
    new Conditions()
      .given(fold(name), (one) => `t.${of} = ${one}`)
      .given(asOf, (at) => `t.stated_at <= ${at}::timestamptz`)
      .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`),
    from,
    to,
  );

async function readTotals({ db, schema }: ReadTransaction, filter: OutcomeFilter) {
  const where = saidBy(filter);
  const { rows } = await db.query<{ statements: number; first: Date | null; last: Date | null }>(
    `select count(*)::int as statements, min(t.stated_at) as first, max(t.stated_at) as last
     from ${schema}.timeline t where ${where.toString()}`,
    where.values,
  );
  const { statements, first, last } = rows[0]!;
  return {
    statements,
    firstStatedAt: first && first.toISOString(),
    lastStatedAt: last && last.toISOString(),
  };
}

/** Statements of one place that say the same. `said`: JSON of a statement that was ever retracted or voided. */
interface Group extends Pick<RecordedStatement, 'stance' | 'predicate'> {
  place: LocationId;
  actor: string | null;
  extent: string | null;
  hint: boolean | null;
  said: string | null;
  control: Control;
  count: number;
}

async function readGroups(tx: ReadTransaction, filter: OutcomeFilter, most: number): Promise<Group[]> {
  const { db, schema } = tx;
  const isPast = Boolean(filter.asOf || filter.knownAt) || !tx.isOwn;
  const where = saidBy(filter);
  // Of the past only folding shows what a place was merged into, and which claims it had.
  const { rows } = await db.query<Omit<Group, 'control'> & { control: string | null }>(
    `select g.*, s.control from (
       select ${isPast ? 't.location_id' : 'l.root_id'} as place, t.stance, t.predicate, x.actor, x.extent, x.hint,
         case when t.remarks is not null then t.said end as said, count(*)::int as count
       from (
         select t.location_id, t.stance, t.predicate, t.remarks, t.said, ${STATEMENT_ORDER}
         from ${schema}.timeline t where ${where.toString()} order by ${NEWEST_FIRST} limit ${where.value(most)}
       ) t
       cross join lateral json_to_record(t.said::json) x (actor text, extent text, hint boolean)
       ${placeNow(schema, 't.location_id')}
       group by 1, 2, 3, 4, 5, 6, 7
     ) g
     ${controlOf(schema, 'g.place')}`,
    where.values,
  );
  if (isPast) return foldedAt(tx, rows, filter);
  return rows.map((row) => ({ ...row, control: controlFrom(row.control) }));
}

/** The groups with the places and claims of a point. */
async function foldedAt(
  tx: ReadTransaction,
  rows: readonly Omit<Group, 'control'>[],
  point: BitemporalPoint,
): Promise<Group[]> {
  const ids = [...new Set(rows.map(({ place }) => place))];
  const found = new Map<LocationId, Pick<Group, 'place' | 'control'>>();
  const slice = new TimeSlice();
  for (let from = 0; from < ids.length; from += FOLD_BATCH) {
    const some = ids.slice(from, from + FOLD_BATCH);
    const look = await readPlaceLookup(tx, some, point.knownAt);
    for (const id of some) {
      const history = look(id);
      if (!history) continue;
      const { state } = locationState(history, tx.ruleset, point);
      found.set(id, { place: state.id, control: state.control });
      if (slice.isOver()) await slice.rest();
    }
  }
  return rows.map((row) => ({ ...row, control: [], ...found.get(row.place) }));
}

function tallied(
  groups: readonly Group[],
  ruleset: Ruleset,
  point: BitemporalPoint,
): Pick<Outcomes, 'counted' | 'places' | 'outcomes'> {
  const counts = new Map<string, OutcomeCount>();
  for (const group of groups) {
    const { outcome, position } = outcomeOf(statementOf(group), group.control, ruleset, point);
    const key = `${outcome} ${position}`;
    const one = counts.get(key);
    if (one) one.count += group.count;
    else counts.set(key, { outcome, position, count: group.count });
  }
  return {
    counted: groups.reduce((sum, { count }) => sum + count, 0),
    places: new Set(groups.map(({ place }) => place)).size,
    outcomes: [...counts.values()].sort(
      (a, b) =>
        OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) ||
        Number(a.position === 'against') - Number(b.position === 'against'),
    ),
  };
}

/** As far as its outcome depends on it: not on who speaks. */
const statementOf = ({ stance, predicate, actor, extent, hint, said }: Group): RecordedStatement =>
  said !== null
    ? (JSON.parse(said) as RecordedStatement)
    : ({
        stance,
        predicate,
        origin: '',
        retractions: [] as const,
        marks: [] as const,
        ...(actor !== null && { actor }),
        ...(extent !== null && { extent: JSON.parse(extent) as Extent }),
        ...(hint !== null && { hint }),
      } as unknown as RecordedStatement);
