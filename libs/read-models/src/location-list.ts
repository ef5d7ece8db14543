import type { FlagName, Instant, Ruleset, Status } from '#libs/domain';
import { Conditions } from './conditions.js';
import type { Db } from './database.js';
import { Cursors, type CursorInvalid, type Key, type Page, type PageRequest } from './page.js';
import { searchPattern } from './search-text.js';
import { flagTag, holderTag, statusTag } from './tags.js';

/** West, south, east, north in degrees; west above east crosses the antimeridian. */
export type BoundingBox = readonly [west: number, south: number, east: number, north: number];

/** Which places. Several of `status` mean any of them; everything else must hold together. */
export interface LocationFilter {
  status?: readonly Status[];
  /** A holder: a side or party by id or name. */
  side?: string;
  flag?: FlagName;
  /** Part of any name, in any script; of one or two characters the start of a word. */
  q?: string;
  bbox?: BoundingBox;
  /** Places that something was recorded about at or after this time. */
  changedSince?: Instant;
}

/** `changed`: last recorded first. `statements`: most first. */
export type LocationOrder = 'id' | 'name' | 'changed' | 'statements';

interface Row {
  id: string;
  name: string;
  changed: Date;
  statements: number;
  state: string;
}

interface Order {
  columns: string;
  direction: 'asc' | 'desc';
  kinds: ConstructorParameters<typeof Cursors>[1];
  casts: string[];
  keyOf: (row: Row) => Key;
}

const ORDERS: Record<LocationOrder, Order> = {
  id: { columns: 'l.id', direction: 'asc', kinds: ['string'], casts: ['text'], keyOf: ({ id }) => [id] },
  name: { columns: 'l.name_order, l.id', direction: 'asc', kinds: ['string', 'string'], casts: ['text', 'text'], keyOf: ({ name, id }) => [name, id] },
  changed: {
    columns: 'f.last_recorded_at, f.id',
    direction: 'desc',
    kinds: ['time', 'string'],
    casts: ['timestamptz', 'text'],
    keyOf: ({ changed, id }) => [changed.toISOString(), id],
  },
  statements: { columns: 'f.statements, f.id', direction: 'desc', kinds: ['number', 'string'], casts: ['int', 'text'], keyOf: ({ statements, id }) => [statements, id] },
};

/** The states of places, as the JSON texts that they are kept as. */
export async function listLocations(
  db: Db,
  s: string,
  ruleset: Ruleset,
  filter: LocationFilter,
  order: LocationOrder,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const { columns, direction, kinds, casts, keyOf } = ORDERS[order];
  const cursors = new Cursors({ list: 'locations', order, ...filter }, kinds);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const where = matching(filter, ruleset);
  if (after) where.and(`(${columns}) ${direction === 'asc' ? '>' : '<'} (${after.map((value, at) => `${where.value(value)}::${casts[at]}`).join(', ')})`);
  const { rows } = await db.query<Row>(
    `select l.id, l.name_order as name, f.last_recorded_at as changed, f.statements, f.state
     from ${s}.location_state f join ${s}.location l on l.id = f.id
     where ${where.toString()}
     order by ${columns.split(', ').map((column) => `${column} ${direction}`).join(', ')}
     limit ${where.value(limit + 1)}`,
    where.values,
  );
  return cursors.page(rows, limit, keyOf, ({ state }) => state);
}

function matching({ status, side, flag, q, bbox, changedSince }: LocationFilter, ruleset: Ruleset): Conditions {
  const all = [...(flag ? [flagTag(flag)] : []), ...(side === undefined ? [] : [holderTag(side, ruleset)])];
  const where = new Conditions()
    .given(status?.map(statusTag), (any) => `f.tags && ${any}::text[]`)
    .given(all.length > 0 ? all : undefined, (each) => `f.tags @> ${each}::text[]`)
    .given(q === undefined ? undefined : searchPattern(q), (pattern) => `l.search like ${pattern}`)
    .given(changedSince, (at) => `f.last_recorded_at >= ${at}::timestamptz`);
  return within(where, bbox);
}

/** The condition that a place `l` lies in a box. */
export const within = (where: Conditions, bbox: BoundingBox | undefined): Conditions => anyOf(where, inBoxes(where, bbox));

/** The condition that it may have lain there: what was reported of one that has no position of its own may have been other. */
export const withinOnce = (where: Conditions, bbox: BoundingBox | undefined): Conditions => anyOf(where, bbox ? [...inBoxes(where, bbox), 'l.reported'] : []);

const inBoxes = (where: Conditions, bbox: BoundingBox | undefined) => boxes(bbox).map((box) => `point(l.lon, l.lat) <@ ${where.value(box)}::box`);

const anyOf = (where: Conditions, any: readonly string[]): Conditions => (any.length === 0 ? where : where.and(`(${any.join(' or ')})`));

/** The boxes of PostgreSQL, which know no antimeridian. */
function boxes(bbox: BoundingBox | undefined): string[] {
  if (!bbox) return [];
  const [west, south, east, north] = bbox;
  const box = (from: number, to: number) => `(${from},${south}),(${to},${north})`;
  return west <= east ? [box(west, east)] : [box(west, 180), box(-180, east)];
}
