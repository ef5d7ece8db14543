import type { FlagName, Instant, Ruleset, Status } from '#libs/domain';
import { packed, readCheckpoints, readRecordedSince, unpacked } from '../tables/checkpoints.js';
import { Conditions } from '../tables/conditions.js';
import type { Db } from '../tables/database.js';
import {
  PageCursors,
  type CursorInvalid,
  type Key,
  type KeyType,
  type Page,
  type PageRequest,
} from '../tables/page.js';
import { searchPattern } from '../tables/search-text.js';
import { flagTag, holderTag, statusTag } from '../tables/tags.js';

/** West, south, east, north in degrees; west above east crosses the antimeridian. */
export type BoundingBox = readonly [west: number, south: number, east: number, north: number];

/** Selects places. Several of `status` mean any of them; all other conditions must hold together. */
export interface LocationFilter {
  status?: readonly Status[];
  /** A holder: a side or party by id or name. */
  side?: string;
  flag?: FlagName;
  /** Part of any name, in any script; of one or two characters the start of a word. */
  q?: string;
  bbox?: BoundingBox;
  /** Places with an event recorded at or after this time. */
  changedSince?: Instant;
}

/** `changed`: last recorded first. `statements`: most first. */
export type LocationOrder = 'id' | 'name' | 'changed' | 'statements';

interface ListedRow {
  id: string;
  name: string;
  changed: Date;
  statements: number;
  state: string;
}

interface Order {
  columns: string;
  direction: 'asc' | 'desc';
  keyTypes: readonly KeyType[];
  casts: string[];
  keyOf: (row: ListedRow) => Key;
}

const ORDERS: Record<LocationOrder, Order> = {
  id: { columns: 'l.id', direction: 'asc', keyTypes: ['string'], casts: ['text'], keyOf: ({ id }) => [id] },
  name: {
    columns: 'l.name_order, l.id',
    direction: 'asc',
    keyTypes: ['string', 'string'],
    casts: ['text', 'text'],
    keyOf: ({ name, id }) => [name, id],
  },
  changed: {
    columns: 'f.last_recorded_at, f.id',
    direction: 'desc',
    keyTypes: ['time', 'string'],
    casts: ['timestamptz', 'text'],
    keyOf: ({ changed, id }) => [changed.toISOString(), id],
  },
  statements: {
    columns: 'f.statements, f.id',
    direction: 'desc',
    keyTypes: ['number', 'string'],
    casts: ['int', 'text'],
    keyOf: ({ statements, id }) => [statements, id],
  },
};

/** The states of places, as the stored JSON texts. */
export async function listLocations(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  filter: LocationFilter,
  order: LocationOrder,
  page: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const select: Select = async (by, after, most, moved) => {
    const { columns, direction, casts } = ORDERS[by];
    const where = matching(filter, ruleset)
      .given(moved?.since, (at) => `f.last_recorded_at >= ${at}::timestamptz`)
      .given(moved?.but, (ids) => `l.id <> all(${ids}::text[])`);
    if (after)
      where.and(
        `(${columns}) ${direction === 'asc' ? '>' : '<'} (${after.map((value, at) => `${where.value(value)}::${casts[at]}`).join(', ')})`,
      );
    const { rows } = await db.query<ListedRow>(
      `select l.id, l.name_order as name, f.last_recorded_at as changed, f.statements, f.state
       from ${schema}.location_state f join ${schema}.location l on l.id = f.id
       where ${where.toString()}
       order by ${columns
         .split(', ')
         .map((column) => `${column} ${direction}`)
         .join(', ')}
       limit ${where.value(most)}`,
      where.values,
    );
    return rows;
  };
  const asked = { list: 'locations', order, ...filter };
  return order === 'id' ? listById(select, asked, page) : listMoving(db, schema, select, order, asked, page);
}

/** Reads places in an order, after a key. `moved`: only those with an event recorded since a time, except some. */
type Select = (
  by: LocationOrder,
  after: Key | undefined,
  most: number,
  moved?: { since: string; but: string[] },
) => Promise<ListedRow[]>;

const stateOf = ({ state }: ListedRow) => state;

/** An id never changes, so that pages in this order miss nothing. */
async function listById(
  select: Select,
  asked: object,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const cursors = new PageCursors(asked, ORDERS.id.keyTypes);
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;
  return cursors.page(await select('id', after, limit + 1), limit, ORDERS.id.keyOf, stateOf);
}

/**
 * Places in an order in which a new event may move them, also from pages not yet read to those already read. So the last
 * pages list (again) the places that moved since the first page, by id: no place of the first page's time is missed. The
 * cursor carries the checkpoints of the read models at the first page.
 */
async function listMoving(
  db: Db,
  schema: string,
  select: Select,
  order: LocationOrder,
  asked: object,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const { keyTypes, keyOf } = ORDERS[order];
  const inOrder = new PageCursors(asked, ['positions', ...keyTypes]);
  const atEnd = new PageCursors({ ...asked, end: true }, ['positions', ...ORDERS.id.keyTypes]);
  const first = cursor === undefined ? undefined : inOrder.read(cursor);
  const second = first === 'cursor-invalid' ? atEnd.read(cursor!) : undefined;
  if (second === 'cursor-invalid') return second;
  const [begun, ...after] = second ??
    (first as Key | undefined) ?? [packed(await readCheckpoints(db, schema))];

  const rows = second ? [] : await select(order, first && after, limit + 1);
  if (rows.length > limit) return inOrder.page(rows, limit, (row) => [begun!, ...keyOf(row)], stateOf);
  const since = await readRecordedSince(db, schema, unpacked(begun as string));
  const room = limit - rows.length;
  const moved =
    since === undefined
      ? []
      : await select('id', second && after, room + 1, { since, but: rows.map(({ id }) => id) });
  const shown = [...rows, ...moved.slice(0, room)];
  return {
    items: shown.map(stateOf),
    nextCursor: moved.length > room ? atEnd.after([begun!, room > 0 ? shown.at(-1)!.id : '']) : null,
  };
}

function matching(
  { status, side, flag, q, bbox, changedSince }: LocationFilter,
  ruleset: Ruleset,
): Conditions {
  const all = [...(flag ? [flagTag(flag)] : []), ...(side === undefined ? [] : [holderTag(side, ruleset)])];
  const where = new Conditions()
    .given(status?.map(statusTag), (any) => `f.tags && ${any}::text[]`)
    .given(all.length > 0 ? all : undefined, (each) => `f.tags @> ${each}::text[]`)
    .given(q === undefined ? undefined : searchPattern(q), (pattern) => `l.search like ${pattern}`)
    .given(changedSince, (at) => `f.last_recorded_at >= ${at}::timestamptz`);
  return within(where, bbox);
}

/** The condition that a place `l` is in a box. */
export const within = (where: Conditions, bbox: BoundingBox | undefined): Conditions =>
  anyOf(where, inBoxes(where, bbox));

/** The condition that it may have been there: reported coordinates, of a place without its own, may have been others before. */
export const withinOnce = (where: Conditions, bbox: BoundingBox | undefined): Conditions =>
  anyOf(where, bbox ? [...inBoxes(where, bbox), 'l.reported'] : []);

const inBoxes = (where: Conditions, bbox: BoundingBox | undefined) =>
  boxes(bbox).map((box) => `point(l.lon, l.lat) <@ ${where.value(box)}::box`);

const anyOf = (where: Conditions, any: readonly string[]): Conditions =>
  any.length === 0 ? where : where.and(`(${any.join(' or ')})`);

/** The boxes for PostgreSQL, which does not know the antimeridian. */
function boxes(bbox: BoundingBox | undefined): string[] {
  if (!bbox) return [];
  const [west, south, east, north] = bbox;
  const box = (from: number, to: number) => `(${from},${south}),(${to},${north})`;
  return west <= east ? [box(west, east)] : [box(west, 180), box(-180, east)];
}
