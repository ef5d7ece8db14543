import type { Coordinates } from '#libs/domain';
import type { Db } from './database.js';

/** Where places lie, each at the place that it is merged into; those without coordinates are left out. */
export async function readCoordinates(db: Db, s: string, ids: readonly string[]): Promise<Map<string, Coordinates>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; lon: number; lat: number }>(
    `select l.id, root.lon, root.lat from ${s}.location l join ${s}.location root on root.id = l.root_id where l.id = any($1) and root.lon is not null`,
    [ids],
  );
  return new Map(rows.map(({ id, lon, lat }) => [id, [lon, lat]]));
}
