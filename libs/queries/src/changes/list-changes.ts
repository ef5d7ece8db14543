import {
  changesOf,
  locationState,
  STATUSES,
  type Change,
  type Coordinates,
  type Instant,
  type LocationId,
  type Ruleset,
  type StatusAndHolders,
  type Status,
} from '#libs/domain';
import { TimeSlice } from '#libs/concurrency';
import { FOLD_BATCH, MAX_FOLDED_PLACES } from '../as-of/list-as-of.js';
import { readPlaceLookup } from '../as-of/place-history.js';
import { Conditions } from '../conditions.js';
import { reportBasis, type QueryOptions } from '../freshness/basis.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { isWithin, within, type BoundingBox } from '../place-filter.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { withCauses, type Cause } from './causes.js';

/** Selects changes; times are of statedAt. */
export interface ChangeFilter {
  from?: Instant;
  to?: Instant;
  /** The status after the change; several mean any of them. */
  status?: readonly Status[];
  /** A holder before or after: a side or party by id or name; an unknown party as it is shown. */
  side?: string;
  bbox?: BoundingBox;
}

/** A change of one place, with its name and coordinates. */
export interface ChangeItem extends Change {
  id: LocationId;
  name: string;
  coordinates: Coordinates | null;
  /** The statement that caused it, where that was requested. */
  statement?: Cause | null;
}

/** How changes are listed. Only those in the tables can be listed newest first. */
export interface ChangesShown {
  order?: 'oldest' | 'newest';
  /** Each with the statement that caused it. */
  statement?: boolean;
}

/**
 * The changes between two times, as believed now; or, as known at a time or by a requested ruleset, place by place. Only
 * then is the basis reported.
 */
export class ListChanges extends Query<Page<ChangeItem> | CursorInvalid> {
  constructor(
    readonly filter: ChangeFilter,
    readonly knownAt: Instant | null,
    readonly page: PageRequest,
    readonly options: QueryOptions = {},
    readonly shown: ChangesShown = {},
  ) {
    super();
  }
}

export class ListChangesHandler implements QueryHandler<ListChanges> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, knownAt, page, options: { ruleset, onBasis }, shown }: ListChanges) {
    return this.models.read(async (tx) => {
      const found = await readChanges(tx, filter, knownAt, page, shown.order);
      if (!isStored(tx, knownAt)) {
        const { version } = tx.ruleset;
        reportBasis(found, page, onBasis, { ruleset: version, recordedAt: tx.recordedAt }, (fix) =>
          changesQuestion(filter, fix({ knownAt }).knownAt, version),
        );
      }
      if (!shown.statement || found === 'cursor-invalid') return found;
      return { ...found, items: await withCauses(tx, found.items, { knownAt }) };
    }, ruleset);
  }
}

/** Whether the changes are those in the tables. */
export const isStored = ({ requested }: ReadTransaction, knownAt: Instant | null): boolean =>
  !knownAt && requested === undefined;

/** A page of changes: of those in the tables by time, in the order given; of others by place. */
export const readChanges = (
  tx: ReadTransaction,
  filter: ChangeFilter,
  knownAt: Instant | null,
  page: PageRequest,
  order: ChangesShown['order'] = 'oldest',
): Promise<Page<ChangeItem> | CursorInvalid> =>
  isStored(tx, knownAt) ? listChanges(tx, filter, page, order) : listChangesAt(tx, filter, knownAt, page);

/** The changes of all places as believed now, by time, then place. */
async function listChanges(
  { db, schema, ruleset }: ReadTransaction,
  filter: ChangeFilter,
  { limit, cursor }: PageRequest,
  order: 'oldest' | 'newest',
): Promise<Page<ChangeItem> | CursorInvalid> {
  const isNewest = order === 'newest';
  const cursors = new PageCursors({ list: 'changes', ...filter, ...(isNewest && { order }) }, [
    'time',
    'string',
  ]);
  const [follows, direction] = isNewest ? ['<', 'desc'] : ['>', 'asc'];
  const after = cursor === undefined ? undefined : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const { from, to, status, side, bbox } = filter;
  const where = new Conditions();
  where
    .and(`(p.status is not null or h.status <> 'unclaimed')`)
    .given(from, (at) => `h."from" >= ${at}::timestamptz`)
    .given(to, (at) => `h."from" <= ${at}::timestamptz`)
    .given(
      side === undefined ? undefined : shownSide(side, ruleset),
      (holder) => `(${holder} = any(h.holders) or ${holder} = any(p.holders))`,
    );
  if (after)
    where.and(
      `(h."from", h.location_id) ${follows} (${where.value(after[0])}::timestamptz, ${where.value(after[1])}::text)`,
    );
  const most = where.value(limit + 1);
  const page = () =>
    `select h.location_id as id, l.name, l.lon, l.lat, h."from" as at, h.status, h.rule, h.holders,
       h.event_id as "eventId", p.status as "statusBefore", p.holders as "holdersBefore"
     from ${schema}.state_history h
     join ${schema}.location l on l.id = h.location_id
     left join lateral (
       select p.status, p.holders from ${schema}.state_history p
       where p.location_id = h.location_id and p."from" < h."from" order by p."from" desc limit 1
     ) p on true
     where ${where.toString()} order by h."from" ${direction}, h.location_id ${direction} limit ${most}`;
  // With a box, by place; otherwise each status in the order of its index, then merged.
  const merged = (statuses: string) => {
    where.and('h.status = q.status');
    return `select c.* from unnest(${statuses}::text[]) q (status)
      cross join lateral (${page()}) c order by c.at ${direction}, c.id ${direction} limit ${most}`;
  };
  if (bbox) within(where, bbox).given(status, (any) => `h.status = any(${any}::text[])`);
  const { rows } = await db.query<ChangeRow>(
    bbox ? page() : merged(where.value([...new Set(status ?? STATUSES)])),
    where.values,
  );
  return cursors.page(rows, limit, ({ at, id }) => [at.toISOString(), id], itemOf);
}

interface ChangeRow extends StatusAndHolders {
  id: LocationId;
  name: string;
  lon: number | null;
  lat: number | null;
  at: Date;
  rule: string;
  eventId: string;
  statusBefore: Status | null;
  holdersBefore: string[] | null;
}

const itemOf = ({
  id,
  name,
  lon,
  lat,
  at,
  status,
  rule,
  holders,
  eventId,
  statusBefore,
  holdersBefore,
}: ChangeRow): ChangeItem => ({
  id,
  name,
  coordinates: lon === null || lat === null ? null : [lon, lat],
  at: at.toISOString(),
  from: { status: statusBefore ?? 'unclaimed', holders: holdersBefore ?? [] },
  to: { status, rule, holders },
  eventId,
});

/** The question for changes as known at a time. */
const changesQuestion = (
  filter: ChangeFilter,
  knownAt: Instant | null | undefined,
  ruleset?: string,
): object => ({ list: 'changes', ...filter, knownAt, ruleset });

/**
 * The changes as known at a time, by place, then time: by time alone, each page would have to fold all places. A page folds
 * at most 1,000 places: it may be short, even empty, while there are more.
 */
async function listChangesAt(
  tx: ReadTransaction,
  filter: ChangeFilter,
  knownAt: Instant | null,
  { limit, cursor }: PageRequest,
): Promise<Page<ChangeItem> | CursorInvalid> {
  const { db, schema, ruleset, requested } = tx;
  const cursors = new PageCursors(changesQuestion(filter, knownAt, requested), ['string', 'string']);
  const after = cursor === undefined ? ['', ''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const items: ChangeItem[] = [];
  let [last, seen] = after as [LocationId, Instant];
  const slice = new TimeSlice();
  for (let folded = 0; folded < MAX_FOLDED_PLACES; folded += FOLD_BATCH) {
    // The last place of the page before may have more changes.
    const { rows } = await db.query<{ id: LocationId }>(
      `select id from ${schema}.location
       where id ${seen ? '>=' : '>'} $1 and ($2::timestamptz is null or first_recorded_at <= $2)
       order by id limit $3`,
      [last, knownAt, FOLD_BATCH + 1],
    );
    const ids = rows.slice(0, FOLD_BATCH).map(({ id }) => id);
    const look = await readPlaceLookup(tx, ids, knownAt);
    for (const id of ids) {
      const history = look(id);
      const changes =
        history?.places[0].id === id
          ? changesAt(locationState(history, ruleset, { knownAt }), ruleset, filter)
          : [];
      for (const change of changes) {
        if (id === last && change.at <= seen) continue;
        if (items.length === limit) return { items, nextCursor: cursors.after([last, seen]) };
        items.push(change);
        [last, seen] = [id, change.at];
      }
      [last, seen] = [id, ''];
      if (slice.isOver()) await slice.rest();
    }
    if (rows.length <= FOLD_BATCH) return { items, nextCursor: null };
  }
  return { items, nextCursor: cursors.after([last, seen]) };
}

function changesAt(
  { state: { id, name, coordinates }, history }: ReturnType<typeof locationState>,
  ruleset: Ruleset,
  { from, to, status, side, bbox }: ChangeFilter,
): ChangeItem[] {
  if (bbox && !isWithin(coordinates, bbox)) return [];
  const holder = side === undefined ? undefined : shownSide(side, ruleset);
  return changesOf(history)
    .filter(
      (one) =>
        (!from || one.at >= from) && (!to || one.at <= to) && (!status || status.includes(one.to.status)),
    )
    .filter(
      (one) => holder === undefined || one.from.holders.includes(holder) || one.to.holders.includes(holder),
    )
    .map((change) => ({ id, name, coordinates, ...change }));
}

/** How holders are shown in histories: a known side by its id, another party as it was given. */
export function shownSide(given: string, ruleset: Ruleset): string {
  const { known, side, id } = ruleset.party(given);
  return known ? side.slice('side:'.length) : id;
}
