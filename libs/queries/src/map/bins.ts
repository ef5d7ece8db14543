import type { Status } from '#libs/domain';
import { matching, type BoundingBox, type LocationFilter } from '../place-filter.js';
import type { ReadTransaction } from '../read-models.js';
import { rounded, Words } from './columns.js';
import type { MapHead } from './map-head.js';

/** Places counted by cells of a grid. */
export interface MapBins extends MapHead {
  kind: 'bins';
  /** Of the cells: lower than asked where the box would have too many. */
  zoom: number;
  /** Degrees of a cell, in longitude and latitude. */
  size: number;
  statuses: Status[];
  columns: {
    /** The mean position of the places in a cell. */
    lon: number[];
    lat: number[];
    count: number[];
    /** For each of `statuses`, the places of each cell that have it. */
    status: number[][];
  };
}

/** The most cells of a grid. */
const MAX_CELLS = 4096;
const WORLD: BoundingBox = [-180, -90, 180, 90];

/** A quarter of a tile of web maps at that zoom: 64 pixels. */
const sizeAt = (zoom: number): number => 360 / 2 ** (zoom + 2);

/** Fine enough for a zoom, but with no more cells in the box than may be. */
function gridOf([west, south, east, north]: BoundingBox, wanted: number): { zoom: number; size: number } {
  const width = west <= east ? east - west : east - west + 360;
  const cells = (size: number) => (Math.floor(width / size) + 2) * (Math.floor((north - south) / size) + 2);
  let zoom = wanted;
  while (zoom > 0 && cells(sizeAt(zoom)) > MAX_CELLS) zoom -= 1;
  return { zoom, size: sizeAt(zoom) };
}

export async function readBins(
  { db, schema, ruleset }: ReadTransaction,
  filter: LocationFilter,
  wanted: number,
): Promise<Omit<MapBins, keyof MapHead>> {
  const { zoom, size } = gridOf(filter.bbox ?? WORLD, wanted);
  const where = matching(filter, ruleset).and('l.lon is not null');
  const cell = where.value(size);
  const { rows } = await db.query<{ cell: string; lon: number; lat: number; status: Status; count: number }>(
    `select floor(l.lat / ${cell}::float8) || ' ' || floor(l.lon / ${cell}::float8) as cell,
       sum(l.lon) as lon, sum(l.lat) as lat, f.status, count(*)::int as count
     from ${schema}.location_state f join ${schema}.location l on l.id = f.id
     where ${where.toString()}
     group by floor(l.lat / ${cell}::float8), floor(l.lon / ${cell}::float8), f.status
     order by floor(l.lat / ${cell}::float8), floor(l.lon / ${cell}::float8), f.status`,
    where.values,
  );
  const statuses = new Words();
  const cells = new Map<string, { lon: number; lat: number; count: number; status: number[] }>();
  for (const row of rows) {
    const found = cells.get(row.cell) ?? { lon: 0, lat: 0, count: 0, status: [] };
    cells.set(row.cell, found);
    found.lon += row.lon;
    found.lat += row.lat;
    found.count += row.count;
    found.status[statuses.of(row.status)] = row.count;
  }
  const all = [...cells.values()];
  return {
    kind: 'bins',
    zoom,
    size,
    statuses: statuses.values as Status[],
    columns: {
      lon: all.map(({ lon, count }) => rounded(lon / count)),
      lat: all.map(({ lat, count }) => rounded(lat / count)),
      count: all.map(({ count }) => count),
      status: statuses.values.map((_, status) => all.map((one) => one.status[status] ?? 0)),
    },
  };
}
