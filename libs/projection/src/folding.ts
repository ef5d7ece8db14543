import {
  fold,
  locationState,
  PlaceFold,
  type PlaceHistory,
  type Instant,
  type Interval,
  type LocationId,
  type LocationState,
  type Ruleset,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import type { Table } from './tables/copying.js';
import { joined } from './tables/prepared-queries.js';
import { FACTS, HistoryDigest, KeptFolds, type Facts, type KeptFold, type Rows } from './kept-folds.js';
import { digestOf, etagOf } from './tables/etag.js';
import { groupBy } from './tables/group-by.js';
import { readMembers, readTimelines } from './tables/location-rows.js';
import { placeLookup } from './tables/register-entries.js';
import { searchText } from './tables/search-text.js';
import { summaryOf } from './tables/summary.js';
import { tagsOf } from './tables/tags.js';

/**
 * Folds places again, and writes the differences. The places are roots, and locked.
 * @param kept the folds that have every statement by now; other places are folded from all statements about them and the
 * places merged into them
 * @param keep takes the folds as they are written
 */
export async function foldRoots(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  roots: readonly LocationId[],
  kept: readonly KeptFold[] = [],
  keep = new KeptFolds(0),
): Promise<void> {
  for (const some of split(kept, () => 0))
    keep.keep(
      await write(
        db,
        schema,
        ruleset,
        some.map(({ fold, digest, rows }) => refolded(fold, digest, rows, rows.history)),
      ),
    );
  const going = new Set(kept.map(({ id }) => id));
  const others = roots.filter((id) => !going.has(id));
  if (others.length === 0) return;
  const members = groupBy(await readMembers(db, schema, others), ({ root }) => root);
  const before = await readFolded(db, schema, others);
  for (const some of split(others, (root) => before.get(root)?.statements ?? 0)) {
    const places = some.map((root) => members.get(root)!);
    const ids = places.flat().map(({ id }) => id);
    const look = placeLookup(places.flat(), await readTimelines(db, schema, ids));
    const folded = some.map((root) =>
      refolded(new PlaceFold(look(root)!, ruleset), new HistoryDigest(), before.get(root)),
    );
    keep.keep(await write(db, schema, ruleset, folded));
  }
}

/** The most statements in memory at once, however many there are about the places of a batch. */
const MAX_STATEMENTS_PER_FOLD = 5000;
/** A place counts as so many statements beside its own: its state and history are in memory too. */
const STATEMENTS_PER_PLACE = 10;

/**
 * Splits places, in order, into portions of about at most `MAX_STATEMENTS_PER_FOLD` statements; a place with more has a
 * portion of its own.
 */
function* split<T>(places: readonly T[], statementsOf: (place: T) => number): Generator<T[]> {
  let portion: T[] = [];
  let statements = 0;
  for (const place of places) {
    const more = STATEMENTS_PER_PLACE + statementsOf(place);
    if (portion.length > 0 && statements + more > MAX_STATEMENTS_PER_FOLD) {
      yield portion;
      [portion, statements] = [[], 0];
    }
    portion.push(place);
    statements += more;
  }
  if (portion.length > 0) yield portion;
}

/** Removes the rows and fields that only roots have from places that were merged into others. */
export async function clearDemoted(db: Db, schema: string, ids: readonly LocationId[]): Promise<void> {
  if (ids.length === 0) return;
  await db.query(`delete from ${schema}.location_state where id = any($1)`, [ids]);
  await db.query(`delete from ${schema}.state_history where location_id = any($1)`, [ids]);
  await db.query(
    `update ${schema}.location
     set name = null, name_order = null, search = null, country = null, region = null, lon = null, lat = null, reported = false
     where id = any($1)`,
    [ids],
  );
}

export interface Folded extends Rows {
  state: LocationState;
  json: string;
}

type Before = Omit<Rows, 'history'>;

/** A fold beside the rows that it replaces. */
interface Refolded {
  fold: PlaceFold;
  digest: HistoryDigest;
  folded: Folded;
  before: Before | undefined;
  /** The history in the table; undefined where it is not known. */
  known: readonly Interval[] | undefined;
}

export function foldOne(placeHistory: PlaceHistory, ruleset: Ruleset): Folded {
  const outcome = locationState(placeHistory, ruleset);
  return foldedOf(outcome, digestOf(JSON.stringify(outcome.history)));
}

function refolded(
  fold: PlaceFold,
  digest: HistoryDigest,
  before: Before | undefined,
  known: readonly Interval[] | undefined = before ? undefined : [],
): Refolded {
  const outcome = fold.fold();
  return { fold, digest, folded: foldedOf(outcome, digest.of(outcome.history)), before, known };
}

function foldedOf({ state, history }: ReturnType<typeof locationState>, historyDigest: string): Folded {
  const { name, names, country, region, coordinates, coordinatesReported } = state;
  const json = JSON.stringify(state);
  return {
    name,
    search: searchText([name, ...names.map((one) => one.name)]),
    country,
    region,
    lon: coordinates?.[0] ?? null,
    lat: coordinates?.[1] ?? null,
    reported: coordinatesReported,
    state,
    json,
    etag: etagOf(json),
    history,
    historyDigest,
  };
}

async function write(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  all: readonly Refolded[],
): Promise<KeptFold[]> {
  const differing = (fields: readonly (keyof Before)[]) =>
    all.filter(({ before, folded }) => !before || fields.some((field) => before[field] !== folded[field]));
  const foldedOf = (some: readonly Refolded[]) => some.map(({ folded }) => folded);
  await writeStates(db, schema, ruleset, foldedOf(differing(['etag'])));
  await writeHistories(db, schema, differing(['historyDigest']));
  await writeFacts(db, schema, foldedOf(differing(FACTS)));
  // The state and its JSON are not kept: they are large.
  return all.map(({ fold, digest, folded: { state, json: _json, ...rows } }) => ({
    id: state.id,
    fold,
    digest,
    rows,
  }));
}

async function readFolded(
  db: Db,
  schema: string,
  roots: readonly LocationId[],
): Promise<Map<LocationId, Before & { statements: number }>> {
  const { rows } = await db.query<Before & { id: LocationId; statements: number }>(
    `select id, statements, name, search, country, region, lon, lat, reported, etag, history_digest as "historyDigest"
     from ${schema}.location join ${schema}.location_state using (id) where id = any($1)`,
    [roots],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function writeStates(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  folded: readonly Folded[],
): Promise<void> {
  if (folded.length === 0) return;
  const summaries = folded.map(({ state }) => summaryOf(state));
  await db.query(
    `insert into ${schema}.location_state
       (id, tags, statements, first_stated_at, last_stated_at, last_recorded_at, state, etag, history_digest,
        status, since, last_said_at, control, flags)
     select id, string_to_array(tags, chr(9)), statements, first_stated_at, last_stated_at, last_recorded_at, state, etag, history_digest,
       status, since, last_said_at, control, flags
     from unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                 string_to_array($7, chr(10)), $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
                 string_to_array($13, chr(10)), string_to_array($14, chr(10)))
       n (id, tags, statements, first_stated_at, last_stated_at, last_recorded_at, state, etag, history_digest,
          status, since, last_said_at, control, flags)
     on conflict (id) do update set tags = excluded.tags, statements = excluded.statements, first_stated_at = excluded.first_stated_at,
       last_stated_at = excluded.last_stated_at, last_recorded_at = excluded.last_recorded_at, state = excluded.state, etag = excluded.etag,
       history_digest = excluded.history_digest, status = excluded.status, since = excluded.since, last_said_at = excluded.last_said_at,
       control = excluded.control, flags = excluded.flags`,
    [
      folded.map(({ state }) => state.id),
      folded.map(({ state }) => tagsOf(state, ruleset).join('\t')),
      folded.map(({ state }) => state.statements),
      folded.map(({ state }) => state.firstStatedAt),
      folded.map(({ state }) => state.lastStatedAt),
      folded.map(({ state }) => state.lastRecordedAt),
      joined(folded.map(({ json }) => json)),
      folded.map(({ etag }) => etag),
      folded.map(({ historyDigest }) => historyDigest),
      folded.map(({ state }) => state.status),
      folded.map(({ state }) => state.since),
      summaries.map(({ lastSaidAt }) => lastSaidAt),
      joined(summaries.map(({ control }) => JSON.stringify(control))),
      joined(summaries.map(({ flags }) => JSON.stringify(flags))),
    ],
  );
}

/** Unchanged intervals are not written: a new statement mostly changes the last one. */
async function writeHistories(db: Db, schema: string, refolded: readonly Refolded[]): Promise<void> {
  const intervals: (Interval & { id: LocationId })[] = [];
  const removed: { id: LocationId; from: Instant }[] = [];
  for (const { known, folded } of refolded) {
    const { id } = folded.state;
    const change = changeOf(known ?? [], folded.history);
    for (const interval of change.written) intervals.push({ id, ...interval });
    for (const from of change.removed) removed.push({ id, from });
  }
  const ids = intervals.map(({ id }) => id);
  const from = intervals.map((one) => one.from);
  const unknown = refolded.filter(({ known }) => !known);
  if (unknown.length > 0)
    await db.query(
      `delete from ${schema}.state_history h where h.location_id = any($1)
       and not exists (select from unnest($2::text[], $3::timestamptz[]) n (id, "from")
                       where n.id = h.location_id and n."from" = h."from")`,
      [unknown.map(({ folded }) => folded.state.id), ids, from],
    );
  if (removed.length > 0)
    await db.query(
      `delete from ${schema}.state_history h using unnest($1::text[], $2::timestamptz[]) n (id, "from")
       where h.location_id = n.id and h."from" = n."from"`,
      [removed.map(({ id }) => id), removed.map((one) => one.from)],
    );
  if (intervals.length === 0) return;
  await db.query(
    `insert into ${schema}.state_history as h (location_id, "from", "to", status, rule, holders, event_id)
     select id, "from", "to", status, rule, array(select json_array_elements_text(holders::json)), event_id
     from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::uuid[])
       n (id, "from", "to", status, rule, holders, event_id)
     on conflict (location_id, "from") do update
       set "to" = excluded."to", status = excluded.status, rule = excluded.rule, holders = excluded.holders, event_id = excluded.event_id
       where (h."to", h.status, h.rule, h.holders, h.event_id) is distinct from
         (excluded."to", excluded.status, excluded.rule, excluded.holders, excluded.event_id)`,
    [
      ids,
      from,
      intervals.map(({ to }) => to),
      intervals.map(({ status }) => status),
      intervals.map(({ rule }) => rule),
      intervals.map(({ holders }) => JSON.stringify(holders)),
      intervals.map(({ eventId }) => eventId),
    ],
  );
}

/** What makes one history another: intervals to write, and the beginnings of those to remove. */
function changeOf(
  before: readonly Interval[],
  after: readonly Interval[],
): { written: Interval[]; removed: Iterable<Instant> } {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const old = new Map(before.slice(same).map((interval) => [interval.from, interval]));
  const written = after.slice(same).filter((interval) => {
    const was = old.get(interval.from);
    old.delete(interval.from);
    return !was || JSON.stringify(was) !== JSON.stringify(interval);
  });
  return { written, removed: old.keys() };
}

/** A row of places as a rebuild writes it; only a root has folded values. */
interface LocationRow {
  id: LocationId;
  root: LocationId;
  firstRecordedAt: Instant;
  register: string;
  folded: Facts | null;
}

export const LOCATION: Table<LocationRow> = {
  name: 'location',
  columns: [
    'id',
    'root_id',
    'first_recorded_at',
    'register',
    'name',
    'name_order',
    'search',
    'country',
    'region',
    'lon',
    'lat',
    'reported',
  ],
  values: ({ id, root, firstRecordedAt, register, folded }) => [
    id,
    root,
    firstRecordedAt,
    register,
    ...(folded
      ? [
          folded.name,
          fold(folded.name),
          folded.search,
          folded.country,
          folded.region,
          folded.lon,
          folded.lat,
          folded.reported,
        ]
      : NO_FACTS),
  ],
};
const NO_FACTS = [null, null, null, null, null, null, null, false];

export const STATE: Table<{ folded: Folded; ruleset: Ruleset }> = {
  name: 'location_state',
  columns: [
    'id',
    'tags',
    'statements',
    'first_stated_at',
    'last_stated_at',
    'last_recorded_at',
    'state',
    'etag',
    'history_digest',
    'status',
    'since',
    'last_said_at',
    'control',
    'flags',
  ],
  values({ folded: { state, json, etag, historyDigest }, ruleset }) {
    const { control, flags, lastSaidAt } = summaryOf(state);
    return [
      state.id,
      tagsOf(state, ruleset),
      state.statements,
      state.firstStatedAt,
      state.lastStatedAt,
      state.lastRecordedAt,
      json,
      etag,
      historyDigest,
      state.status,
      state.since,
      lastSaidAt,
      JSON.stringify(control),
      JSON.stringify(flags),
    ];
  },
};

export const HISTORY: Table<Interval & { id: LocationId }> = {
  name: 'state_history',
  columns: ['location_id', '"from"', '"to"', 'status', 'rule', 'holders', 'event_id'],
  values: ({ id, from, to, status, rule, holders, eventId }) => [
    id,
    from,
    to,
    status,
    rule,
    holders,
    eventId,
  ],
};

async function writeFacts(db: Db, schema: string, folded: readonly Folded[]): Promise<void> {
  if (folded.length === 0) return;
  await db.query(
    `update ${schema}.location l
     set name = n.name, name_order = n.name_order, search = n.search, country = n.country, region = n.region,
       lon = n.lon, lat = n.lat, reported = n.reported
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::boolean[])
       n (id, name, name_order, search, country, region, lon, lat, reported) where l.id = n.id`,
    [
      folded.map(({ state }) => state.id),
      folded.map(({ name }) => name),
      folded.map(({ name }) => fold(name)),
      folded.map(({ search }) => search),
      folded.map(({ country }) => country),
      folded.map(({ region }) => region),
      folded.map(({ lon }) => lon),
      folded.map(({ lat }) => lat),
      folded.map(({ reported }) => reported),
    ],
  );
}
