import type { BitemporalPoint, Token } from '#libs/domain';
import { packedCheckpoints, readRecordedSince, unpacked } from '#libs/projection';
import { listPast, pastQuestion } from '../as-of/list-as-of.js';
import { reportBasis, type QueryOptions } from '../freshness/basis.js';
import {
  PageCursors,
  type CursorInvalid,
  type Key,
  type KeyType,
  type Page,
  type PageRequest,
} from '../page.js';
import { matching, type LocationFilter } from '../place-filter.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';

export interface ListOptions extends QueryOptions {
  /** Called with the positions of the log that a cursor holds, before they are used. @throws where it has gone back behind them */
  inLog?: ((token: Token) => Promise<void>) | undefined;
}

/** `changed`: last recorded first. `statements`: most first. */
export type LocationOrder = 'id' | 'name' | 'changed' | 'statements';

/**
 * The states of places, as JSON texts. The basis is reported only in the order of ids, the one order of past lists.
 * @param point absent: the present states, as they are stored. Else the states then, by id: a page folds at most 1,000
 * places, so it may be short while there are more
 */
export class ListPlaces extends Query<Page<string> | CursorInvalid> {
  constructor(
    readonly filter: LocationFilter,
    readonly order: LocationOrder,
    readonly page: PageRequest,
    readonly point?: BitemporalPoint,
    readonly options: ListOptions = {},
  ) {
    super();
  }
}

export class ListPlacesHandler implements QueryHandler<ListPlaces> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, order, page, point, options: { ruleset, onBasis, inLog } }: ListPlaces) {
    return this.models.read(async (tx) => {
      if (!point && order !== 'id') return listMoving(tx, filter, order, page, inLog);
      let found: Page<string> | CursorInvalid;
      if (point) found = await listPast(tx, filter, point, page);
      else {
        // An id never changes, so that pages in this order miss nothing.
        const cursors = new PageCursors(presentQuestion(filter, 'id'), ORDERS.id.keyTypes);
        const after = page.cursor === undefined ? undefined : cursors.read(page.cursor);
        if (after === 'cursor-invalid') return after;
        const { rows } = await tx.db.query<ListedRow>(...placesBy('id', tx, filter, after, page.limit + 1));
        found = cursors.page(rows, page.limit, ORDERS.id.keyOf, stateOf);
      }
      const { version } = tx.ruleset;
      reportBasis(found, page, onBasis, { ruleset: version, recordedAt: tx.recordedAt }, (fix) =>
        pastQuestion(filter, fix(point ?? {}), version),
      );
      return found;
    }, ruleset);
  }
}

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

/** The SQL for places in an order, after a key. `moved`: only those with an event recorded since a time, except some. */
function placesBy(
  order: LocationOrder,
  { schema, ruleset }: ReadTransaction,
  filter: LocationFilter,
  after: Key | undefined,
  most: number,
  moved?: { since: string; but: string[] },
): [text: string, values: unknown[]] {
  const { columns, direction, casts } = ORDERS[order];
  const where = matching(filter, ruleset)
    .given(moved?.since, (at) => `f.last_recorded_at >= ${at}::timestamptz`)
    .given(moved?.but, (ids) => `l.id <> all(${ids}::text[])`);
  if (after) {
    const key = after.map((value, at) => `${where.value(value)}::${casts[at]}`).join(', ');
    where.and(`(${columns}) ${direction === 'asc' ? '>' : '<'} (${key})`);
  }
  const ordered = columns.split(', ').map((column) => `${column} ${direction}`);
  const text = `
    select l.id, l.name_order as name, f.last_recorded_at as changed, f.statements, f.state
    from ${schema}.location_state f join ${schema}.location l on l.id = f.id
    where ${where.toString()} order by ${ordered.join(', ')} limit ${where.value(most)}`;
  return [text, where.values];
}

const stateOf = ({ state }: ListedRow) => state;

const presentQuestion = (filter: LocationFilter, order: LocationOrder): object => ({
  list: 'locations',
  order,
  ...filter,
});

/**
 * Places in an order in which a new event may move them, also from pages not yet read to those already read. So the last
 * pages list (again) the places that moved since the first page, by id: no place of the first page's time is missed. The
 * cursor carries the checkpoints of the read models at the first page, and the epoch of the log.
 */
async function listMoving(
  tx: ReadTransaction,
  filter: LocationFilter,
  order: Exclude<LocationOrder, 'id'>,
  { limit, cursor }: PageRequest,
  inLog: ListOptions['inLog'],
): Promise<Page<string> | CursorInvalid> {
  const { db, schema } = tx;
  const select = async (...given: Parameters<typeof placesBy>) =>
    (await db.query<ListedRow>(...placesBy(...given))).rows;
  const { keyTypes, keyOf } = ORDERS[order];
  const question = presentQuestion(filter, order);
  const inOrder = new PageCursors(question, ['positions', ...keyTypes]);
  const atEnd = new PageCursors({ ...question, end: true }, ['positions', ...ORDERS.id.keyTypes]);
  const first = cursor === undefined ? undefined : inOrder.read(cursor);
  const second = first === 'cursor-invalid' ? atEnd.read(cursor!) : undefined;
  if (second === 'cursor-invalid') return second;
  const given = second ?? (first as Key | undefined);
  if (given) await inLog?.(unpacked(given[0] as string));
  const [begun, ...after] = given ?? [await packedCheckpoints(db, schema)];

  const rows = second ? [] : await select(order, tx, filter, first && after, limit + 1);
  if (rows.length > limit) return inOrder.page(rows, limit, (row) => [begun!, ...keyOf(row)], stateOf);
  const since = await readRecordedSince(db, schema, unpacked(begun as string));
  const room = limit - rows.length;
  const moved =
    since === undefined
      ? []
      : await select('id', tx, filter, second && after, room + 1, { since, but: rows.map(({ id }) => id) });
  const shown = [...rows, ...moved.slice(0, room)];
  return {
    items: shown.map(stateOf),
    nextCursor: moved.length > room ? atEnd.after([begun!, room > 0 ? shown.at(-1)!.id : '']) : null,
  };
}
