import {
  fold,
  PREDICATES,
  interpret,
  STANCES,
  type ClaimData,
  type Instant,
  type Predicate,
  type Ruleset,
  type RecordedStatement,
  type SideKey,
  type Stance,
  type BitemporalPoint,
} from '#libs/domain';
import type { Chosen } from '../freshness/basis.js';
import { Conditions } from '../tables/conditions.js';
import type { Db } from '../tables/database.js';
import { PageCursors, type CursorInvalid, type Key, type Page, type PageRequest } from '../tables/page.js';
import { itemOf, readBeside, type StatementItem, type StatementRow } from './statement-item.js';
import { urlHash, type Remarks } from '../tables/timeline-rows.js';

/** Selects statements of a place; times are of statedAt. */
export interface TimelineFilter extends BitemporalPoint {
  from?: Instant;
  to?: Instant;
  stance?: Stance;
  /** The speaker's side, or a party of it, by id or name; `independent:` with an origin for an independent. */
  side?: string;
  predicate?: Predicate;
  /** By the total order of statements. */
  order?: 'asc' | 'desc';
}

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

const COLUMNS = 'stated_at, published_at, statement_id';
const KEY_TYPES = ['time', 'time', 'uuid'] as const;
const NEWEST_FIRST = 'stated_at desc, published_at desc, statement_id desc';

/** The question for a timeline. */
export const timelineAsked = (
  id: string,
  { order = 'asc', asOf, knownAt, ...filter }: TimelineFilter,
  ruleset?: string,
): object => ({ list: 'timeline', id, order, ...filter, asOf, knownAt, ruleset });

/** A page of the statements that were recorded on some places, including retracted and voided ones. */
export async function listTimeline(
  db: Db,
  schema: string,
  { ruleset, asked, isOwn }: Chosen,
  id: string,
  members: readonly string[],
  { order = 'asc', ...filter }: TimelineFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StatementItem> | CursorInvalid> {
  const cursors = new PageCursors(timelineAsked(id, { order, ...filter }, asked), KEY_TYPES);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const { from, to, stance, side, predicate, asOf, knownAt } = filter;
  const spoke = side === undefined ? undefined : sideKey(side, ruleset);
  // The sides in the table are of its own ruleset: for another one every statement has to be read.
  const looked = spoke === undefined || isOwn ? limit + 1 : MAX_STATEMENTS_READ;
  const where = new Conditions();
  const places = where.value(members);
  where
    .and('t.location_id = m.id')
    .given(stance, (one) => `t.stance = ${one}`)
    .given(predicate, (one) => `t.predicate = ${one}`)
    .given(isOwn ? spoke : undefined, (one) => `t.side = ${one}`)
    .given(asOf, (at) => `t.stated_at <= ${at}::timestamptz`)
    .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`);
  stated(where, from, to);
  beyond(where, after, order);
  const ordered = order === 'asc' ? COLUMNS : NEWEST_FIRST;
  const most = where.value(looked);
  const { rows } = await db.query<RawRow>(
    `select ${FOUND} from unnest(${places}::text[]) m (id)
     cross join lateral (select ${ROW}, ${COLUMNS} from ${schema}.timeline t where ${where.toString()} order by ${ordered} limit ${most}) t
     order by ${ordered} limit ${most}`,
    where.values,
  );
  if (spoke === undefined || isOwn)
    return pageOf(db, schema, ruleset, cursors, rows, limit, { asOf, knownAt });
  const those = rows.filter(
    ({ said }) => interpret(JSON.parse(said) as RecordedStatement, ruleset).side === spoke,
  );
  const page = await pageOf(db, schema, ruleset, cursors, those, limit, { asOf, knownAt });
  return page.nextCursor === null && rows.length === looked
    ? { ...page, nextCursor: cursors.after(keyOf(parsed(rows.at(-1)!))) }
    : page;
}

/** The most statements read for one page of a side by another ruleset: the page may be short while there are more. */
const MAX_STATEMENTS_READ = 1000;

const keyOf = ({ said }: StatementRow): Key => [said.statedAt, said.publishedAt, said.statementId];

/** A page of the statements across places, newest first. */
export async function listStatements(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  filter: StatementFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StatementItem> | CursorInvalid> {
  const cursors = new PageCursors({ list: 'statements', ...filter }, KEY_TYPES);
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
  stated(where, from, to);
  beyond(where, after, 'desc');
  const most = where.value(limit + 1);
  const page = (columns: string) =>
    `select ${columns} from ${schema}.timeline t where ${where.toString()} order by ${NEWEST_FIRST} limit ${most}`;
  const merged = () =>
    `select ${FOUND} from unnest(${where.value(predicate ? [predicate] : PREDICATES)}::text[]) p (predicate)
     cross join unnest(${where.value(stance ? [stance] : STANCES)}::text[]) q (stance)
     cross join lateral (${page(`${ROW}, ${COLUMNS}`)}) t
     order by ${NEWEST_FIRST} limit ${most}`;
  const { rows } = await db.query<RawRow>(byClaim ? merged() : page(ROW), where.values);
  return pageOf(db, schema, ruleset, cursors, rows, limit, { asOf, knownAt });
}

/** One statement as it stands now; undefined if there is none. */
export async function findStatement(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  statementId: string,
): Promise<StatementItem | undefined> {
  const [row] = await readStatements(db, schema, [statementId]);
  return row && itemOf(row, ruleset, await readBeside(db, schema, [row], {}), {});
}

/** The rows of some statements, in no order. */
export async function readStatements(
  db: Db,
  schema: string,
  ids: readonly string[],
): Promise<StatementRow[]> {
  const { rows } = await db.query<RawRow>(
    `select ${ROW} from ${schema}.timeline t where t.statement_id = any($1::uuid[])`,
    [ids],
  );
  return rows.map(parsed);
}

const ROW = 't.location_id as "locationId", t.said, t.entry, t.remarks';
/** The same columns from such a select, without the columns of its order: reading their times takes as long as all the rest. */
const FOUND = 't."locationId", t.said, t.entry, t.remarks';

interface RawRow {
  locationId: string;
  said: string;
  entry: string;
  remarks: string | null;
}

const parsed = ({ locationId, said, entry, remarks }: RawRow): StatementRow => ({
  locationId,
  said: JSON.parse(said) as RecordedStatement,
  entry: JSON.parse(entry) as ClaimData,
  remarks: remarks === null ? null : (JSON.parse(remarks) as Remarks),
});

async function pageOf(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  cursors: PageCursors,
  raw: readonly RawRow[],
  limit: number,
  point: BitemporalPoint,
): Promise<Page<StatementItem>> {
  const rows = raw.map(parsed);
  const beside = await readBeside(db, schema, rows.slice(0, limit), point);
  return cursors.page(rows, limit, keyOf, (row) => itemOf(row, ruleset, beside, point));
}

const stated = (where: Conditions, from?: Instant, to?: Instant) =>
  where
    .given(from, (at) => `t.stated_at >= ${at}::timestamptz`)
    .given(to, (at) => `t.stated_at <= ${at}::timestamptz`);

function beyond(where: Conditions, after: Key | undefined, order: 'asc' | 'desc'): void {
  if (!after) return;
  const [statedAt, publishedAt, id] = after.map((value) => where.value(value));
  where.and(
    `(t.stated_at, t.published_at, t.statement_id) ${order === 'asc' ? '>' : '<'}
       (${statedAt}::timestamptz, ${publishedAt}::timestamptz, ${id}::uuid)`,
  );
}

const INDEPENDENT = 'independent:';

const sideKey = (given: string, ruleset: Ruleset): SideKey =>
  given.startsWith(INDEPENDENT)
    ? `independent:${fold(given.slice(INDEPENDENT.length))}`
    : ruleset.party(given).side;
