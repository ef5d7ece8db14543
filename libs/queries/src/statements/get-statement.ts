import type { BitemporalPoint } from '#libs/domain';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';
import { itemsAt } from './get-statements.js';
import type { StatementItem } from './statement-item.js';

/** One statement as of a point, with the place that it is about there; undefined if there is none, or was not recorded by then. */
export class GetStatement extends Query<StatementItem | undefined> {
  constructor(
    readonly id: string,
    readonly point: BitemporalPoint = {},
  ) {
    super();
  }
}

export class GetStatementHandler implements QueryHandler<GetStatement> {
  constructor(private readonly models: ReadModels) {}

  execute({ id, point }: GetStatement) {
    return this.models.read(async (tx) => (await itemsAt(tx, [id], point))[0]);
  }
}
