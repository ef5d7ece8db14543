import type { LocationState } from '#libs/domain';

/** A state as a GeoJSON feature (RFC 7946); a place without coordinates has a null geometry. */
export function featureOf({ id, coordinates, ...properties }: LocationState) {
  return { type: 'Feature', id, geometry: coordinates && { type: 'Point', coordinates }, properties: { id, ...properties } };
}
