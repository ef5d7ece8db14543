import type { Coordinates, BitemporalPoint } from '#libs/domain';
import type { ReadModels } from './read-models.js';
import type { StatementItem } from './statement-item.js';

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

/** Statements as of a bitemporal point, with the coordinates of their places as known there. */
export async function located(
  models: Pick<ReadModels, 'places'>,
  items: readonly StatementItem[],
  point: BitemporalPoint,
): Promise<Located[]> {
  const places = await models.places(
    items.map(({ locationId }) => locationId),
    point,
  );
  return items.map((item) => locatedAt(item, places.get(item.locationId)?.coordinates));
}
