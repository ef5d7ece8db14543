import type { Coordinates, Vantage } from '#libs/domain';
import type { ReadModels } from './read-models.js';
import type { StatementItem } from './statement-item.js';

/** A statement with where its place lies. */
export interface Located {
  item: StatementItem;
  coordinates: Coordinates | null;
}

/** Where the register does not know it, a statement is where it says itself. */
export const locatedAt = (item: StatementItem, registered: Coordinates | null | undefined): Located => ({
  item,
  coordinates: registered ?? item.location.coordinates ?? null,
});

/** Statements of a vantage with where their places lie, as it knows them. */
export async function located(
  models: Pick<ReadModels, 'places'>,
  items: readonly StatementItem[],
  vantage: Vantage,
): Promise<Located[]> {
  const places = await models.places(
    items.map(({ locationId }) => locationId),
    vantage,
  );
  return items.map((item) => locatedAt(item, places.get(item.locationId)?.coordinates));
}
