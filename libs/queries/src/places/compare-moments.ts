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
import { TimeSlice } from '#libs/concurrency';
import { basisOf, readMembership, reportBasis, type QueryOptions } from '../freshness/basis.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { itemOf, readBeside, type StatementItem } from '../statements/statement-item.js';
import { readStatements } from '../statements/statement-rows.js';
import { readPlaceHistory } from '../as-of/place-history.js';

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
const comparisonQuestion = (
  id: string,
  a: BitemporalPoint,
  b: BitemporalPoint,
  ruleset?: string,
): object => ({ list: 'comparison', id, a, b, ruleset });

/** A place at two moments, with the differences; undefined if it is known at neither. */
export class CompareMoments extends Query<Comparison | CursorInvalid | undefined> {
  constructor(
    readonly id: string,
    readonly a: BitemporalPoint,
    readonly b: BitemporalPoint,
    readonly page: PageRequest,
    readonly options: QueryOptions = {},
  ) {
    super();
  }
}

export class CompareMomentsHandler implements QueryHandler<CompareMoments> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, a, b, page, options: { ruleset, onBasis } }: CompareMoments) {
    return this.models.read(async (tx) => {
      const found = await compareMoments(tx, id, a, b, page);
      const present = onBasis && (await readMembership(tx, id));
      if (present)
        reportBasis(found, page, onBasis, basisOf(present, tx.ruleset), (fix) =>
          comparisonQuestion(id, fix(a), fix(b), tx.ruleset.version),
        );
      return found;
    }, ruleset);
  }
}

async function compareMoments(
  tx: ReadTransaction,
  id: string,
  a: BitemporalPoint,
  b: BitemporalPoint,
  { limit, cursor }: PageRequest,
): Promise<Comparison | CursorInvalid | undefined> {
  const { ruleset, requested } = tx;
  const cursors = new PageCursors(comparisonQuestion(id, a, b, requested), ['time', 'time', 'uuid']);
  const key = cursor === undefined ? undefined : cursors.read(cursor);
  if (key === 'cursor-invalid') return key;
  const [statedAt, publishedAt, statementId] = (key ?? []) as string[];

  const before = await readPlaceHistory(tx, id, a.knownAt);
  const after = await readPlaceHistory(tx, id, b.knownAt);
  if (!before && !after) return undefined;
  const stateOf = (history: PlaceHistory | undefined, point: BitemporalPoint): ComparedState | null => {
    if (!history) return null;
    const { state } = locationState(history, ruleset, point);
    return state.id === id ? state : { ...state, mergedFrom: id };
  };
  // Of a long timeline each step takes long.
  const slice = new TimeSlice();
  await slice.rest();
  const first = stateOf(before, a);
  await slice.rest();
  const second = stateOf(after, b);
  await slice.rest();

  const differing = visibilitiesOf(before?.timeline ?? [], a, after?.timeline ?? [], b);
  const left = key
    ? differing.filter(
        ({ said }) =>
          compareStatements(said, {
            statedAt: statedAt!,
            publishedAt: publishedAt!,
            statementId: statementId!,
          }) > 0,
      )
    : differing;
  const rows = await readStatements(
    tx,
    left.slice(0, limit).map(({ said }) => said.statementId),
  );
  const unseen = new Set(left.filter((one) => one.b === 'unseen').map(({ said }) => said.statementId));
  const items = new Map<string, StatementItem>();
  for (const [point, some] of [
    [a, rows.filter(({ said }) => unseen.has(said.statementId))],
    [b, rows.filter(({ said }) => !unseen.has(said.statementId))],
  ] as const) {
    const beside = await readBeside(tx, some, point);
    for (const row of some) items.set(row.said.statementId, itemOf(row, ruleset, beside, point));
  }
  const statements = cursors.page(
    left,
    limit,
    ({ said }) => [said.statedAt, said.publishedAt, said.statementId],
    ({ said, ...visibility }) => ({ ...visibility, statement: items.get(said.statementId)! }),
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
