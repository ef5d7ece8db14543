import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';
import { presentItems } from './get-statements.js';
import type { StatementItem } from './statement-item.js';

/** One statement as it is now, with the place that it is now about; undefined if there is none. */
export class GetStatement extends Query<StatementItem | undefined> {
  constructor(readonly id: string) {
    super();
  }
}

export class GetStatementHandler implements QueryHandler<GetStatement> {
  constructor(private readonly models: ReadModels) {}

  execute({ id }: GetStatement) {
    return this.models.read(async (tx) => (await presentItems(tx, [id]))[0]);
  }
}
