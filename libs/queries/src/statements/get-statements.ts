import type { BitemporalPoint } from '#libs/domain';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { itemOf, readBeside, type StatementItem } from './statement-item.js';
import { readStatements } from './statement-rows.js';

/** Some statements as they are now, each with the place that it is now about, in no order. Unknown ones are left out. */
export class GetStatements extends Query<StatementItem[]> {
  constructor(readonly ids: readonly string[]) {
    super();
  }
}

export class GetStatementsHandler implements QueryHandler<GetStatements> {
  constructor(private readonly models: ReadModels) {}

  execute({ ids }: GetStatements): Promise<StatementItem[]> {
    return this.models.read((tx) => itemsAt(tx, ids));
  }
}

/** Those of some statements that were recorded by then. */
export async function itemsAt(
  tx: ReadTransaction,
  ids: readonly string[],
  point: BitemporalPoint = {},
): Promise<StatementItem[]> {
  const { knownAt } = point;
  const rows = (await readStatements(tx, ids)).filter(({ said }) => !knownAt || said.recordedAt <= knownAt);
  const beside = await readBeside(tx, rows, point);
  return rows.map((row) => itemOf(row, tx.ruleset, beside, point));
}
