import type { Coordinates, BitemporalPoint } from '#libs/domain';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels } from '../read-models.js';
import type { StatementItem } from './statement-item.js';
import { readPlaces } from './statement-places.js';

/** A statement with the coordinates of its place. */
export interface Located {
  item: StatementItem;
  coordinates: Coordinates | null;
}

/** If the register has no coordinates, those that the statement reported. */
export const locatedAt = (item: StatementItem, registered: Coordinates | null | undefined): Located => ({
  item,
  coordinates: registered ?? item.location.coordinates ?? null,
});

/** Statements of a moment, with the coordinates of their places as known there. */
export class LocateStatements extends Query<Located[]> {
  constructor(
    readonly items: readonly StatementItem[],
    readonly point: BitemporalPoint,
  ) {
    super();
  }
}

export class LocateStatementsHandler implements QueryHandler<LocateStatements> {
  constructor(private readonly models: ReadModels) {}

  async execute({ items, point }: LocateStatements) {
    const ids = items.map(({ locationId }) => locationId);
    const places = await this.models.read((tx) => readPlaces(tx, ids, point));
    return items.map((item) => locatedAt(item, places.get(item.locationId)?.coordinates));
  }
}
