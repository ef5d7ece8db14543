import {
  placesOf,
  type Instant,
  type LocationId,
  type PlacedEvent,
  type RegisterEvent,
  type RecordedStatement,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import {
  entryOf,
  partnersOf,
  placeOf,
  rootsOf,
  type RegisterEntry,
  type Registered,
  type Timelines,
} from './register-entries.js';

/** The places that events are about, each with the time at which its first event was recorded. */
export function touchedBy(events: readonly PlacedEvent[]): Map<LocationId, Instant> {
  const touched = new Map<LocationId, Instant>();
  for (const event of events)
    for (const id of placesOf(event)) {
      const before = touched.get(id);
      if (before === undefined || event.recordedAt < before) touched.set(id, event.recordedAt);
    }
  return touched;
}

/** Another transaction merged or unmerged a place while this one waited for it. */
export class RootsMovedError extends Error {}

/** Places whose roots are locked. */
export interface LockedPlaces {
  /** The roots, each once. */
  roots: LocationId[];
  rootOf: (id: LocationId) => LocationId;
  /** The etag of the state of a root; undefined where it has none. */
  etagOf: (root: LocationId) => string | undefined;
}

/**
 * Locks the roots of places: from now on nobody else folds or merges them. New places get rows, each its own root. All in
 * the order of ids, so that projectors never deadlock. Shards proceed at their own pace, so an event about a place may be
 * older than all that its row knows of.
 * @param touched the places, each with the time at which its first event was recorded
 * @throws RootsMovedError if the roots have changed meanwhile
 */
export async function lockRoots(
  db: Db,
  schema: string,
  touched: ReadonlyMap<LocationId, Instant>,
): Promise<LockedPlaces> {
  const ids = [...touched.keys()];
  const seen = new Map((await readRoots(db, schema, ids)).map(({ id, root }) => [id, root]));
  const unseen = ids.filter((id) => !seen.has(id));
  const withTimes = (some: readonly LocationId[]) => [some, some.map((id) => touched.get(id)!)];
  if (unseen.length > 0)
    await db.query(
      `insert into ${schema}.location (id, root_id, first_recorded_at)
       select id, id, at from unnest($1::text[], $2::timestamptz[]) n (id, at) order by id collate "C" on conflict do nothing`,
      withTimes(unseen),
    );
  const rootOf = (id: LocationId) => seen.get(id) ?? id;
  const roots = [...new Set(ids.map(rootOf))];
  await db.query(`select from ${schema}.location where id = any($1) order by id for no key update`, [roots]);
  const locked = await readLocked(db, schema, ids);
  for (const { id, root } of locked)
    if (root !== rootOf(id)) throw new RootsMovedError(`${id} belongs to ${root} by now`);
  const earlier = locked
    .filter(({ id, first }) => Date.parse(touched.get(id)!) < first.getTime())
    .map(({ id }) => id);
  if (earlier.length > 0)
    await db.query(
      `update ${schema}.location l set first_recorded_at = n.at from unnest($1::text[], $2::timestamptz[]) n (id, at) where l.id = n.id`,
      withTimes(earlier),
    );
  const etags = new Map(locked.map(({ root, etag }) => [root, etag ?? undefined]));
  return { roots, rootOf, etagOf: (root) => etags.get(root) };
}

async function readRoots(
  db: Db,
  schema: string,
  ids: readonly LocationId[],
): Promise<{ id: LocationId; root: LocationId }[]> {
  const { rows } = await db.query<{ id: LocationId; root: LocationId }>(
    `select id, root_id as root from ${schema}.location where id = any($1)`,
    [ids],
  );
  return rows;
}

async function readLocked(
  db: Db,
  schema: string,
  ids: readonly LocationId[],
): Promise<{ id: LocationId; root: LocationId; first: Date; etag: string | null }[]> {
  const { rows } = await db.query<{ id: LocationId; root: LocationId; first: Date; etag: string | null }>(
    `select l.id, l.root_id as root, l.first_recorded_at as first, s.etag
     from ${schema}.location l left join ${schema}.location_state s on s.id = l.root_id where l.id = any($1)`,
    [ids],
  );
  return rows;
}

/**
 * Applies the events of the register to the rows of places whose roots are locked.
 * @param roots the roots of all places that the events touch
 * @returns the places that have become roots, and those that no longer are
 */
export async function recordRegister(
  db: Db,
  schema: string,
  roots: readonly LocationId[],
  events: readonly RegisterEvent[],
): Promise<{ promoted: LocationId[]; demoted: LocationId[] }> {
  const rows = new Map((await readMembers(db, schema, roots)).map((row) => [row.id, row]));
  const changed = new Map<LocationId, MemberRow>();
  for (const event of events)
    for (const id of placesOf(event)) {
      const row = rows.get(id)!;
      row.register.push(entryOf(event as RegisterEvent & PlacedEvent));
      changed.set(id, row);
    }
  const promoted: LocationId[] = [];
  const demoted: LocationId[] = [];
  if (events.some(({ type }) => type === 'location.merged' || type === 'location.unmerged'))
    for (const [id, root] of rootsOf([...rows.values()].map((row) => placeOf(row)))) {
      const row = rows.get(id)!;
      if (row.root === root) continue;
      if (root === id) promoted.push(id);
      if (row.root === id) demoted.push(id);
      row.root = root;
      changed.set(id, row);
    }
  await updateRegister(db, schema, [...changed.values()]);
  return { promoted, demoted };
}

/** A place that belongs to a root, or is one. */
export interface MemberRow extends Registered {
  root: LocationId;
  register: RegisterEntry[];
}

/** All places that belong to some roots. */
export async function readMembers(
  db: Db,
  schema: string,
  roots: readonly LocationId[],
): Promise<MemberRow[]> {
  const { rows } = await db.query<RawMember>(
    `select id, root_id as root, register from ${schema}.location where root_id = any($1)`,
    [roots],
  );
  return rows.map(parsedMember);
}

/** Places with all places ever merged with them, in either direction. */
export async function readComponents(
  db: Db,
  schema: string,
  places: readonly LocationId[],
): Promise<MemberRow[]> {
  const found: MemberRow[] = [];
  const asked = new Set<LocationId>();
  for (let ids = places; ids.length > 0;) {
    for (const id of ids) asked.add(id);
    const { rows } = await db.query<RawMember>(
      `select id, root_id as root, register from ${schema}.location where id = any($1)`,
      [ids],
    );
    const read = rows.map(parsedMember);
    found.push(...read);
    ids = [...new Set(read.flatMap(({ register }) => register.flatMap(partnersOf)))].filter(
      (id) => !asked.has(id),
    );
  }
  return found;
}

export interface RawMember {
  id: LocationId;
  root: LocationId;
  register: string;
}

export const parsedMember = ({ id, root, register }: RawMember): MemberRow => ({
  id,
  root,
  register: JSON.parse(register) as RegisterEntry[],
});

async function updateRegister(db: Db, schema: string, rows: readonly MemberRow[]): Promise<void> {
  await db.query(
    `update ${schema}.location l set root_id = n.root, register = n.register
     from unnest($1::text[], $2::text[], $3::text[]) n (id, root, register) where l.id = n.id`,
    [
      rows.map(({ id }) => id),
      rows.map(({ root }) => root),
      rows.map(({ register }) => JSON.stringify(register)),
    ],
  );
}

/**
 * The statements about some places, by the place that they were recorded on. Parsed place by place on demand: the
 * statements of one place are soon released, those of a whole batch would fill the memory.
 * @param knownAt leaves out statements recorded later
 */
export async function readTimelines(
  db: Db,
  schema: string,
  ids: readonly LocationId[],
  knownAt?: Instant | null,
): Promise<Timelines> {
  if (ids.length === 0) return timelinesOf([]);
  const { rows } = await db.query<TimelineText>(
    `select location_id as id, string_agg(said, ',') as said from ${schema}.timeline
     where location_id = any($1)${knownAt ? ' and recorded_at <= $2' : ''} group by location_id`,
    knownAt ? [ids, knownAt] : [ids],
  );
  return timelinesOf(rows);
}

/** The statements about a place as one text: JSON of each `RecordedStatement`, joined by commas. */
export interface TimelineText {
  id: LocationId;
  said: string | null;
}

export function timelinesOf(rows: readonly TimelineText[]): Timelines {
  const texts = new Map(rows.map(({ id, said }) => [id, said]));
  return (id) => JSON.parse(`[${texts.get(id) ?? ''}]`) as RecordedStatement[];
}

/** For each place with statements recorded by then, one of them. */
export async function readFirstStatement(
  db: Db,
  schema: string,
  ids: readonly LocationId[],
  knownAt: Instant,
): Promise<Timelines> {
  const { rows } = await db.query<TimelineText>(
    `select p.id, t.said from unnest($1::text[]) p (id)
     cross join lateral (select said from ${schema}.timeline t where t.location_id = p.id and t.recorded_at <= $2 limit 1) t`,
    [ids, knownAt],
  );
  return timelinesOf(rows);
}
