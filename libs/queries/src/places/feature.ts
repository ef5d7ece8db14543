import type { LocationState } from '#libs/domain';
import type { Located } from '../statements/locate-statements.js';

/** A state as a GeoJSON feature (RFC 7946); a place without coordinates has a null geometry. */
export function featureOf({ id, coordinates, ...properties }: LocationState) {
  return {
    type: 'Feature',
    id,
    geometry: coordinates && { type: 'Point', coordinates },
    properties: { id, ...properties },
  };
}

/** A statement as a GeoJSON feature. The id is also among the properties: some readers see only these. */
export const statementFeatureOf = ({ item, coordinates }: Located) => ({
  type: 'Feature',
  id: item.statementId,
  geometry: coordinates && { type: 'Point', coordinates },
  properties: { id: item.statementId, ...item },
});
