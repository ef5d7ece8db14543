import {
  fold,
  PREDICATES,
  STANCES,
  type BitemporalPoint,
  type Instant,
  type Predicate,
  type Stance,
} from '#libs/domain';
import { STATEMENT_ORDER, urlHash } from '#libs/projection';
import { Conditions } from '../conditions.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import type { StatementItem } from './statement-item.js';
import {
  followsKey,
  SELECTED_ROW,
  ORDER_TYPES,
  NEWEST_FIRST,
  pageOfStatements,
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
  predicate?: Predicate;
  stance?: Stance;
  from?: Instant;
  to?: Instant;
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
  const { db, schema, ruleset } = tx;
  const cursors = new PageCursors({ list: 'statements', ...filter }, ORDER_TYPES);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const { speaker, party, outlet, url, predicate, stance, from, to, asOf, knownAt } = filter;
  // Predicates and stances are few: each pair in the order of its index, then merged. Other filters are selective enough.
  const byClaim =
    (predicate ?? stance) !== undefined && [speaker, party, outlet, url].every((one) => one === undefined);
  const where = new Conditions()
    .given(speaker === undefined ? undefined : fold(speaker), (one) => `t.speaker = ${one}`)
    .given(party === undefined ? undefined : ruleset.party(party).key, (one) => `t.party = ${one}`)
    .given(outlet === undefined ? undefined : fold(outlet), (one) => `t.outlet = ${one}`)
    .given(url === undefined ? undefined : urlHash(url), (one) => `t.url_hash = ${one}::uuid`)
    .given(asOf, (at) => `t.stated_at <= ${at}::timestamptz`)
    .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`);
  if (byClaim) where.and('t.predicate = p.predicate and t.stance = q.stance');
  else where.given(predicate, (one) => `t.predicate = ${one}`).given(stance, (one) => `t.stance = ${one}`);
  statedBetween(where, from, to);
  followsKey(where, after, 'desc');
  const most = where.value(limit + 1);
  const page = (columns: string) =>
    `select ${columns} from ${schema}.timeline t where ${where.toString()} order by ${NEWEST_FIRST} limit ${most}`;
  const merged = () =>
    `select ${SELECTED_ROW} from unnest(${where.value(predicate ? [predicate] : PREDICATES)}::text[]) p (predicate)
     cross join unnest(${where.value(stance ? [stance] : STANCES)}::text[]) q (stance)
     cross join lateral (${page(`${TIMELINE_ROW}, ${STATEMENT_ORDER}`)}) t
     order by ${NEWEST_FIRST} limit ${most}`;
  const { rows } = await db.query<RawRow>(byClaim ? merged() : page(TIMELINE_ROW), where.values);
  return pageOfStatements(tx, cursors, rows, limit, { asOf, knownAt });
}
