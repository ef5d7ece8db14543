import {
  fold,
  type Extent,
  type Instant,
  type LocationId,
  type RecordedStatement,
  type Ruleset,
} from '#libs/domain';
import { STATEMENT_ORDER } from '#libs/projection';
import { Conditions } from '../conditions.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { controlOf, outcomeOf, OUTCOMES, placeNow, type StatementOutcome } from './outcome.js';
import { NEWEST_FIRST, statedBetween } from './statement-rows.js';

/** Whose statements, and from which time. */
export interface OutcomeFilter {
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

/** The statements of a speaker or an outlet, counted by what has become of them by now. */
export class CountOutcomes extends Query<Outcomes> {
  constructor(
    readonly filter: OutcomeFilter,
    readonly most = MAX_COUNTED,
  ) {
    super();
  }
}

export class CountOutcomesHandler implements QueryHandler<CountOutcomes> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, most }: CountOutcomes): Promise<Outcomes> {
    return this.models.read(async (tx) => ({
      ...(await readTotals(tx, filter)),
      ...tallied(await readGroups(tx, filter, most), tx.ruleset),
      rulesetVersion: tx.ruleset.version,
    }));
  }
}

const saidBy = ({ of, name, from, to }: OutcomeFilter) =>
  statedBetween(
    new Conditions().given(fold(name), (one) => `t.${of} = ${one}`),
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
  control: string | null;
  count: number;
}

async function readGroups(
  { db, schema }: ReadTransaction,
  filter: OutcomeFilter,
  most: number,
): Promise<Group[]> {
  const where = saidBy(filter);
  const { rows } = await db.query<Group>(
    `select g.*, s.control from (
       select l.root_id as place, t.stance, t.predicate, x.actor, x.extent, x.hint,
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
  return rows;
}

function tallied(
  groups: readonly Group[],
  ruleset: Ruleset,
): Pick<Outcomes, 'counted' | 'places' | 'outcomes'> {
  const counts = new Map<string, OutcomeCount>();
  for (const group of groups) {
    const { outcome, position } = outcomeOf(statementOf(group), group.control, ruleset);
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
