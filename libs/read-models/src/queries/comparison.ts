import {
  visibilityOf,
  differenceOf,
  compareStatements,
  locationState,
  type Visibility,
  type Difference,
  type PlaceHistory,
  type LocationState,
  type RecordedStatement,
  type BitemporalPoint,
} from '#libs/domain';
import type { Chosen } from '../freshness/basis.js';
import type { Db } from '../tables/database.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../tables/page.js';
import { readPlaceHistory } from './list-as-of.js';
import { itemOf, readBeside, type StatementItem } from './statement-item.js';
import { readStatements } from './statement-list.js';

/** A statement that differs between two moments, shown as of the second, or as of the first if the second does not have it. */
export interface ComparedStatement {
  a: Visibility;
  b: Visibility;
  statement: StatementItem;
}

type ComparedState = LocationState & { mergedFrom?: string };

/** A place at two moments. A state is null if the place was not known then. */
export interface Comparison {
  a: ComparedState | null;
  b: ComparedState | null;
  /** The differences, with a page of the statements, in their total order. */
  differences: Difference & { statements: Page<ComparedStatement> };
}

/** The question for a comparison. */
export const comparisonAsked = (
  id: string,
  a: BitemporalPoint,
  b: BitemporalPoint,
  ruleset?: string,
): object => ({ list: 'comparison', id, a, b, ruleset });

export async function compareMoments(
  db: Db,
  schema: string,
  { ruleset, asked }: Chosen,
  id: string,
  a: BitemporalPoint,
  b: BitemporalPoint,
  { limit, cursor }: PageRequest,
): Promise<Comparison | CursorInvalid | undefined> {
  const cursors = new PageCursors(comparisonAsked(id, a, b, asked), ['time', 'time', 'uuid']);
  const key = cursor === undefined ? undefined : cursors.read(cursor);
  if (key === 'cursor-invalid') return key;
  const [statedAt, publishedAt, statementId] = (key ?? []) as string[];

  const [before, after] = [
    await readPlaceHistory(db, schema, id, a),
    await readPlaceHistory(db, schema, id, b),
  ];
  if (!before && !after) return undefined;
  const stateOf = (history: PlaceHistory | undefined, point: BitemporalPoint): ComparedState | null => {
    if (!history) return null;
    const { state } = locationState(history, ruleset, point);
    return state.id === id ? state : { ...state, mergedFrom: id };
  };
  const [first, second] = [stateOf(before, a), stateOf(after, b)];

  const bearings = visibilitiesOf(before?.timeline ?? [], a, after?.timeline ?? [], b);
  const left = key
    ? bearings.filter(
        ({ said }) =>
          compareStatements(said, {
            statedAt: statedAt!,
            publishedAt: publishedAt!,
            statementId: statementId!,
          }) > 0,
      )
    : bearings;
  const rows = await readStatements(
    db,
    schema,
    left.slice(0, limit).map(({ said }) => said.statementId),
  );
  const unseen = new Set(left.filter((one) => one.b === 'unseen').map(({ said }) => said.statementId));
  const items = new Map<string, StatementItem>();
  for (const [point, some] of [
    [a, rows.filter(({ said }) => unseen.has(said.statementId))],
    [b, rows.filter(({ said }) => !unseen.has(said.statementId))],
  ] as const) {
    const beside = await readBeside(db, schema, some, point);
    for (const row of some) items.set(row.said.statementId, itemOf(row, ruleset, beside, point));
  }
  const statements = cursors.page(
    left,
    limit,
    ({ said }) => [said.statedAt, said.publishedAt, said.statementId],
    ({ said, ...bearing }) => ({ ...bearing, statement: items.get(said.statementId)! }),
  );
  return { a: first, b: second, differences: { ...differenceOf(first, second), statements } };
}

/** The statements that differ between two moments, in their total order; also through merges of the place. */
function visibilitiesOf(
  before: readonly RecordedStatement[],
  a: BitemporalPoint,
  after: readonly RecordedStatement[],
  b: BitemporalPoint,
): { said: RecordedStatement; a: Visibility; b: Visibility }[] {
  const first = new Map(before.map((said) => [said.statementId, visibilityOf(said, a)]));
  const second = new Map(after.map((said) => [said.statementId, visibilityOf(said, b)]));
  const all = new Map([...before, ...after].map((said) => [said.statementId, said]));
  return [...all.values()]
    .map((said) => ({
      said,
      a: first.get(said.statementId) ?? ('unseen' as const),
      b: second.get(said.statementId) ?? ('unseen' as const),
    }))
    .filter((one) => one.a !== one.b)
    .toSorted((x, y) => compareStatements(x.said, y.said));
}
