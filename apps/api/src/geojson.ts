import type { LocationState } from '#libs/domain';
import { featureOf } from '#libs/read-models';

/** States as a GeoJSON FeatureCollection (RFC 7946). */
export function featureCollection({ items, nextCursor }: { items: string[]; nextCursor: string | null }): string {
  return JSON.stringify({ type: 'FeatureCollection', features: items.map((item) => featureOf(JSON.parse(item) as LocationState)), nextCursor });
}
