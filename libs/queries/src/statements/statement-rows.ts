import { TimeSlice } from '#libs/concurrency';
import type { BitemporalPoint, ClaimData, Instant, RecordedStatement } from '#libs/domain';
import { searchedWords, wordsPattern, type Remarks } from '#libs/projection';
import type { Conditions } from '../conditions.js';
import type { PageCursors, Key, Page } from '../page.js';
import type { ReadTransaction } from '../read-models.js';
import { itemOf, readBeside, type StatementItem, type StatementRow } from './statement-item.js';

// The rows of the timeline, for every query of statements.

/** The types of the columns of `STATEMENT_ORDER`. */
export const ORDER_TYPES = ['time', 'time', 'uuid'] as const;
export const NEWEST_FIRST = 'stated_at desc, published_at desc, statement_id desc';

/** The columns of a statement in the timeline `t`. */
export const TIMELINE_ROW = 't.location_id as "locationId", t.said, t.entry, t.remarks';
/** The same columns from such a select, without the columns of its order: reading their times takes as long as all the rest. */
export const SELECTED_ROW = 't."locationId", t.said, t.entry, t.remarks';

export interface RawRow {
  locationId: string;
  said: string;
  entry: string;
  remarks: string | null;
}

export const parsed = ({ locationId, said, entry, remarks }: RawRow): StatementRow => ({
  locationId,
  said: JSON.parse(said) as RecordedStatement,
  entry: JSON.parse(entry) as ClaimData,
  remarks: remarks === null ? null : (JSON.parse(remarks) as Remarks),
});

/** The rows of some statements, in no order. */
export async function readStatements(
  { db, schema }: ReadTransaction,
  ids: readonly string[],
): Promise<StatementRow[]> {
  const { rows } = await db.query<RawRow>(
    `select ${TIMELINE_ROW} from ${schema}.timeline t where t.statement_id = any($1::uuid[])`,
    [ids],
  );
  return rows.map(parsed);
}

/** The page of the rows found, which may be one more than requested. */
export async function pageOfStatements(
  tx: ReadTransaction,
  cursors: PageCursors,
  raw: readonly RawRow[],
  limit: number,
  point: BitemporalPoint,
): Promise<Page<StatementItem>> {
  const rows: StatementRow[] = [];
  const slice = new TimeSlice();
  for (const one of raw) {
    rows.push(parsed(one));
    if (slice.isOver()) await slice.rest();
  }
  const beside = await readBeside(tx, rows.slice(0, limit), point);
  return cursors.page(rows, limit, keyOf, (row) => itemOf(row, tx.ruleset, beside, point));
}

/** The condition that a statement was stated between two times. */
export const statedBetween = (where: Conditions, from?: Instant, to?: Instant) =>
  where
    .given(from, (at) => `t.stated_at >= ${at}::timestamptz`)
    .given(to, (at) => `t.stated_at <= ${at}::timestamptz`);

/** The condition that a statement follows a key in an order. */
export function followsKey(where: Conditions, after: Key | undefined, order: 'asc' | 'desc'): void {
  if (!after) return;
  const [statedAt, publishedAt, id] = after.map((value) => where.value(value));
  where.and(
    `(t.stated_at, t.published_at, t.statement_id) ${order === 'asc' ? '>' : '<'}
       (${statedAt}::timestamptz, ${publishedAt}::timestamptz, ${id}::uuid)`,
  );
}

export const keyOf = ({ said }: Pick<StatementRow, 'said'>): Key => [
  said.statedAt,
  said.publishedAt,
  said.statementId,
];

/**
 * Only statements whose quote has these words: each must occur, as a word or the beginning of one, folded.
 * @param isFew the other conditions leave few: then each is looked at by its key, and the index of words is not asked
 */
export function quotes(where: Conditions, text: string | undefined, isFew: boolean): Conditions {
  const words = 'from claimline.quote_words w where w.id = t.statement_id';
  return where.given(text === undefined ? undefined : wordsPattern(searchedWords(text)), (one) =>
    isFew
      ? `coalesce((select w.words @@ ${one}::tsquery ${words}), false)`
      : `exists (select ${words} and w.words @@ ${one}::tsquery)`,
  );
}
