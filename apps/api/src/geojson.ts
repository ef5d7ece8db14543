import type { LocationState } from '#libs/domain';

/** States as a GeoJSON FeatureCollection (RFC 7946); a place without coordinates has a null geometry. */
export function featureCollection({ items, nextCursor }: { items: string[]; nextCursor: string | null }): string {
  const features = items.map((item) => {
    const { id, coordinates, ...properties } = JSON.parse(item) as LocationState;
    return { type: 'Feature', id, geometry: coordinates && { type: 'Point', coordinates }, properties: { id, ...properties } };
  });
  return JSON.stringify({ type: 'FeatureCollection', features, nextCursor });
}
