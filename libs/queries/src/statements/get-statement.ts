import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';
import { itemOf, readBeside, type StatementItem } from './statement-item.js';
import { readStatements } from './statement-rows.js';

/** One statement as it is now, with the place that it is now about; undefined if there is none. */
export class GetStatement extends Query<StatementItem | undefined> {
  constructor(readonly id: string) {
    super();
  }
}

export class GetStatementHandler implements QueryHandler<GetStatement> {
  constructor(private readonly models: ReadModels) {}

  execute({ id }: GetStatement) {
    return this.models.read(async (tx) => {
      const [row] = await readStatements(tx, [id]);
      return row && itemOf(row, tx.ruleset, await readBeside(tx, [row], {}), {});
    });
  }
}
