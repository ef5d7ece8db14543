import { TimeSlice } from '#libs/concurrency';
import {
  fold,
  PREDICATES,
  STANCES,
  type BitemporalPoint,
  type Instant,
  type Predicate,
  type RecordedStatement,
  type Stance,
} from '#libs/domain';
import { STATEMENT_ORDER, urlHash } from '#libs/projection';
import { Conditions } from '../conditions.js';
import { PageCursors, type CursorInvalid, type Key, type Page, type PageRequest } from '../page.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { MAX_COUNTED } from './count-outcomes.js';
import {
  controlFrom,
  controlOf,
  outcomeOf,
  placeNow,
  type Outcome,
  type StatementOutcome,
} from './outcome.js';
import type { StatementItem } from './statement-item.js';
import {
  followsKey,
  keyOf,
  SELECTED_ROW,
  ORDER_TYPES,
  NEWEST_FIRST,
  pageOfStatements,
  quotes,
  TIMELINE_ROW,
  statedBetween,
  type RawRow,
} from './statement-rows.js';

/** Selects statements across places, and the bitemporal point; `from` and `to` are of statedAt. */
export interface StatementFilter extends BitemporalPoint {
  /** The speaker's name, compared folded. */
  speaker?: string;
  /** The speaker's party, by id or name. */
  party?: string;
  /** Compared folded. */
  outlet?: string;
  url?: string;
  /** Words of the quote: each must occur, as a word or the beginning of one, folded. */
  text?: string;
  predicate?: Predicate;
  stance?: Stance;
  from?: Instant;
  to?: Instant;
  /** What has become of the statement by now: of a speaker or an outlet, and without a bitemporal point. */
  outcome?: Outcome;
  position?: NonNullable<StatementOutcome['position']>;
}

/** Statements across places, newest first. */
export class ListStatements extends Query<Page<StatementItem> | CursorInvalid> {
  constructor(
    readonly filter: StatementFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

export class ListStatementsHandler implements QueryHandler<ListStatements> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, page }: ListStatements) {
    return this.models.read((tx) => listStatements(tx, filter, page));
  }
}

/** A page of the statements across places, newest first. */
async function listStatements(
  tx: ReadTransaction,
  filter: StatementFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StatementItem> | CursorInvalid> {
  const cursors = new PageCursors({ list: 'statements', ...filter }, ORDER_TYPES);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  if (filter.outcome !== undefined || filter.position !== undefined)
    return listByOutcome(tx, filter, cursors, after, limit);
  const { speaker, party, outlet, url, text, predicate, stance, asOf, knownAt } = filter;
  // Predicates and stances are few: each pair in the order of its index, then merged. Other filters are selective enough.
  const byClaim =
    (predicate ?? stance) !== undefined &&
    [speaker, party, outlet, url, text].every((one) => one === undefined);
  const where = conditionsOf(
    tx,
    byClaim ? { ...filter, predicate: undefined, stance: undefined } : filter,
    after,
  );
  if (byClaim) where.and('t.predicate = p.predicate and t.stance = q.stance');
  const most = where.value(limit + 1);
  const page = (columns: string) => pageOf(tx, columns, where, most);
  const merged = () =>
    `select ${SELECTED_ROW} from unnest(${where.value(predicate ? [predicate] : PREDICATES)}::text[]) p (predicate)
     cross join unnest(${where.value(stance ? [stance] : STANCES)}::text[]) q (stance)
     cross join lateral (${page(`${TIMELINE_ROW}, ${STATEMENT_ORDER}`)}) t
     order by ${NEWEST_FIRST} limit ${most}`;
  const { rows } = await tx.db.query<RawRow>(byClaim ? merged() : page(TIMELINE_ROW), where.values);
  return pageOfStatements(tx, cursors, rows, limit, { asOf, knownAt });
}

/** How many statements are read at once to find those of an outcome. */
const READ_AT_ONCE = 1000;

/** Follows statements to their places until a page is full: it may be short while there are more. */
async function listByOutcome(
  tx: ReadTransaction,
  { outcome, position, ...filter }: StatementFilter,
  cursors: PageCursors,
  after: Key | undefined,
  limit: number,
): Promise<Page<StatementItem>> {
  const found: RawRow[] = [];
  const slice = new TimeSlice();
  let last = after;
  for (let read = 0; read < MAX_COUNTED; read += READ_AT_ONCE) {
    const rows = await readFollowed(tx, filter, last);
    for (const row of rows) {
      const said = JSON.parse(row.said) as RecordedStatement;
      last = keyOf({ said });
      const is = outcomeOf(said, controlFrom(row.control), tx.ruleset);
      if ((outcome ?? is.outcome) === is.outcome && (position ?? is.position) === is.position)
        found.push(row);
      if (found.length > limit) return pageOfStatements(tx, cursors, found, limit, {});
      if (slice.isOver()) await slice.rest();
    }
    if (rows.length < READ_AT_ONCE) return pageOfStatements(tx, cursors, found, limit, {});
  }
  return { ...(await pageOfStatements(tx, cursors, found, limit, {})), nextCursor: cursors.after(last!) };
}

/** The next statements, each with the control of the place that it is now about. */
async function readFollowed(
  tx: ReadTransaction,
  filter: StatementFilter,
  after: Key | undefined,
): Promise<(RawRow & { control: string | null })[]> {
  const where = conditionsOf(tx, filter, after);
  const page = pageOf(tx, `${TIMELINE_ROW}, ${STATEMENT_ORDER}`, where, where.value(READ_AT_ONCE));
  const { rows } = await tx.db.query<RawRow & { control: string | null }>(
    `select ${SELECTED_ROW}, s.control from (${page}) t
     ${placeNow(tx.schema, 't."locationId"')} ${controlOf(tx.schema, 'l.root_id')}
     order by ${NEWEST_FIRST}`,
    where.values,
  );
  return rows;
}

function conditionsOf(
  { ruleset }: ReadTransaction,
  { speaker, party, outlet, url, text, predicate, stance, from, to, asOf, knownAt }: StatementFilter,
  after: Key | undefined,
): Conditions {
  const where = new Conditions()
    .given(speaker === undefined ? undefined : fold(speaker), (one) => `t.speaker = ${one}`)
    .given(party === undefined ? undefined : ruleset.party(party).key, (one) => `t.party = ${one}`)
    .given(outlet === undefined ? undefined : fold(outlet), (one) => `t.outlet = ${one}`)
    .given(url === undefined ? undefined : urlHash(url), (one) => `t.url_hash = ${one}::uuid`)
    .given(predicate, (one) => `t.predicate = ${one}`)
    .given(stance, (one) => `t.stance = ${one}`)
    .given(asOf, (at) => `t.stated_at <= ${at}::timestamptz`)
    .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`);
  quotes(where, text, (speaker ?? outlet ?? url) !== undefined);
  statedBetween(where, from, to);
  followsKey(where, after, 'desc');
  return where;
}

const pageOf = ({ schema }: ReadTransaction, columns: string, where: Conditions, most: string): string =>
  `select ${columns} from ${schema}.timeline t where ${where.toString()} order by ${NEWEST_FIRST} limit ${most}`;
