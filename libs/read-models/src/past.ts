import { compare, locationState, type Dossier, type Instant, type LocationId, type LocationState, type Ruleset, type Vantage } from '#libs/domain';
import { Conditions } from './conditions.js';
import type { Db } from './database.js';
import { within, type LocationFilter } from './location-list.js';
import { readComponents, readFirstSaid, readTimelines } from './location-rows.js';
import { readMoments, stateAt } from './moments.js';
import { Cursors, type CursorInvalid, type Page, type PageRequest } from './page.js';
import { atlas, type Look } from './register-entries.js';
import { matchesSearch } from './search-text.js';
import { flagTag, holderTag, statusTag, tagsOf } from './tags.js';

// Answers for another vantage than here and now are folded when they are asked for.

/** Everything about a place as far as it was known by then; a merge that was undone later counts while it was known. */
export async function readDossier(db: Db, s: string, id: string, { knownAt }: Vantage): Promise<Dossier | undefined> {
  const place = id as LocationId;
  return (await readAtlas(db, s, [place], knownAt))(place);
}

/** Any places, as far as they were known by then. */
export async function readAtlas(db: Db, s: string, ids: readonly LocationId[], knownAt?: Instant | null): Promise<Look> {
  const rows = await readComponents(db, s, ids);
  return atlas(rows, await readTimelines(db, s, rows.map(({ id }) => id), knownAt), knownAt);
}

/** The place that `id` is or was merged into by then, and those that were merged into it; undefined where it was not known. */
export async function readMembersAt(db: Db, s: string, id: string, knownAt: Instant): Promise<LocationId[] | undefined> {
  const rows = await readComponents(db, s, [id as LocationId]);
  const look = atlas(rows, await readFirstSaid(db, s, rows.map((row) => row.id), knownAt), knownAt);
  return look(id as LocationId)?.places.map((place) => place.id);
}

/** So many places are folded for one page at most. */
export const MOST_FOLDED = 1000;
/** The statements of so many places are in memory at once. */
export const FOLDED_AT_ONCE = 100;

/**
 * States of places at a vantage, by id. A page folds 1,000 places at most: it may be short, even empty, while there is
 * more to come. As of a time alone, whatever the tables can tell narrows it before.
 */
export async function listPast(db: Db, s: string, ruleset: Ruleset, filter: LocationFilter, vantage: Vantage, { limit, cursor }: PageRequest): Promise<Page<string> | CursorInvalid> {
  const cursors = new Cursors({ list: 'past', ...filter, ...vantage }, ['string']);
  const after = cursor === undefined ? [''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const items: string[] = [];
  let last = after[0] as LocationId;
  for (let folded = 0; folded < MOST_FOLDED; ) {
    const most = Math.min(FOLDED_AT_ONCE, isTold(filter) && !vantage.knownAt ? limit + 1 - items.length : FOLDED_AT_ONCE);
    const states = await (vantage.knownAt ? statesKnown(db, s, ruleset, vantage, last, most) : statesAsOf(db, s, ruleset, filter, vantage.asOf ?? null, last, most));
    for (const [id, stateOf] of states) {
      const state = stateOf();
      if (state && matches(state, filter, ruleset)) {
        if (items.length === limit) return { items, nextCursor: cursors.after([last]) };
        items.push(JSON.stringify(state));
      }
      last = id;
    }
    if (states.length < most) return { items, nextCursor: null };
    folded += most;
  }
  return { items, nextCursor: cursors.after([last]) };
}

/** Places after an id, each with what folds it; undefined for one that was no place of its own by then. */
type States = [id: LocationId, stateOf: () => LocationState | undefined][];

async function statesKnown(db: Db, s: string, ruleset: Ruleset, vantage: Vantage, after: LocationId, limit: number): Promise<States> {
  const { rows } = await db.query<{ id: LocationId }>(`select id from ${s}.location where id > $1 order by id limit $2`, [after, limit]);
  const ids = rows.map(({ id }) => id);
  const look = await readAtlas(db, s, ids, vantage.knownAt);
  return ids.map((id) => [
    id,
    () => {
      const dossier = look(id);
      return dossier?.places[0].id === id ? locationState(dossier, ruleset, vantage).state : undefined;
    },
  ]);
}

async function statesAsOf(db: Db, s: string, ruleset: Ruleset, filter: LocationFilter, asOf: Instant | null, after: LocationId, limit: number): Promise<States> {
  const ids = await readPlacesAsOf(db, s, filter, asOf, after, limit);
  const moments = await readMoments(db, s, ids, asOf);
  return ids.map((id) => [id, () => stateAt(moments.get(id)!(), ruleset, { asOf, knownAt: null })]);
}

/** Whether the tables tell all that a filter asks for, as of any time. Sides, flags and names as of a time only folding tells. */
const isTold = ({ side, flag, q }: LocationFilter): boolean => side === undefined && flag === undefined && q === undefined;

/** The ids of places after one, in order, without what cannot match as of a time. Names, positions and merges are those of now. */
async function readPlacesAsOf(db: Db, s: string, { status, bbox, changedSince }: LocationFilter, asOf: Instant | null, after: LocationId, limit: number): Promise<LocationId[]> {
  const where = new Conditions();
  const [id, most] = [where.value(after), where.value(limit)];
  const interval = () => {
    const moment = where.value(asOf ?? 'infinity');
    return `h."from" <= ${moment}::timestamptz and (h."to" is null or h."to" > ${moment}::timestamptz)`;
  };
  within(where, bbox).given(changedSince, (at) => `f.last_recorded_at >= ${at}::timestamptz`);
  const query = async (text: string) => (await db.query<{ id: LocationId }>(text, where.values)).rows.map((row) => row.id);
  if (status && !status.includes('unclaimed') && !bbox)
    // Each status in the order of ids, then merged: a rare one is found at once.
    return query(`select l.id from unnest(${where.value([...new Set(status)])}::text[]) q (status)
      cross join lateral (
        select h.location_id as id from ${s}.state_history h join ${s}.location_state f on f.id = h.location_id
        where h.status = q.status and h.location_id > ${id} and ${interval()} and ${where.toString()} order by h.location_id limit ${most}
      ) l order by l.id limit ${most}`);
  // Before anything was said a place is unclaimed, and has no interval.
  if (status?.includes('unclaimed')) where.and(`not exists (select from ${s}.state_history h where h.location_id = l.id and ${interval()} and h.status <> all(${where.value(status)}::text[]))`);
  else where.given(status, (any) => `exists (select from ${s}.state_history h where h.location_id = l.id and ${interval()} and h.status = any(${any}::text[]))`);
  return query(`select l.id from ${s}.location_state f join ${s}.location l on l.id = f.id where l.id > ${id} and ${where.toString()} order by l.id limit ${most}`);
}

/** What the conditions of the list of present states say, said of a state. */
export function matches(state: LocationState, { status, side, flag, q, bbox, changedSince }: LocationFilter, ruleset: Ruleset): boolean {
  const tags = tagsOf(state, ruleset);
  return (
    (!status || status.some((one) => tags.includes(statusTag(one)))) &&
    (side === undefined || tags.includes(holderTag(side, ruleset))) &&
    (!flag || tags.includes(flagTag(flag))) &&
    (q === undefined || matchesSearch([state.name, ...state.names.map(({ name }) => name)], q)) &&
    (!bbox || isWithin(state.coordinates, bbox)) &&
    (!changedSince || (state.lastRecordedAt !== null && compare(state.lastRecordedAt, changedSince) >= 0))
  );
}

/** Whether a point lies in a box. */
export function isWithin(coordinates: LocationState['coordinates'], [west, south, east, north]: NonNullable<LocationFilter['bbox']>): boolean {
  if (!coordinates) return false;
  const [lon, lat] = coordinates;
  const across = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return across && lat >= south && lat <= north;
}
