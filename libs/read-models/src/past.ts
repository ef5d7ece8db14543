import { compare, locationState, type Dossier, type LocationId, type LocationState, type Ruleset, type Vantage } from '#libs/domain';
import type { Db } from './database.js';
import type { LocationFilter } from './location-list.js';
import { readComponents, readTimelines } from './location-rows.js';
import { Cursors, type CursorInvalid, type Page, type PageRequest } from './page.js';
import { atlas, type Look } from './register-entries.js';
import { matchesSearch } from './search-text.js';
import { flagTag, holderTag, statusTag, tagsOf } from './tags.js';

// Answers for another vantage than here and now are folded when they are asked for.

/** Everything about a place as far as it was known by then; a merge that was undone later counts while it was known. */
export async function readDossier(db: Db, s: string, id: string, { knownAt }: Vantage): Promise<Dossier | undefined> {
  const place = id as LocationId;
  return (await readAtlas(db, s, [place], { knownAt }))(place);
}

async function readAtlas(db: Db, s: string, ids: readonly LocationId[], { knownAt }: Vantage): Promise<Look> {
  const rows = await readComponents(db, s, ids);
  return atlas(rows, await readTimelines(db, s, rows.map(({ id }) => id)), knownAt);
}

const MOST_FOLDED = 1000;
const FOLDED_AT_ONCE = 100;

/**
 * States of places at a vantage, by id. A page folds 1,000 places at most: it may be short, even empty, while there is
 * more to come.
 */
export async function listPast(db: Db, s: string, ruleset: Ruleset, filter: LocationFilter, vantage: Vantage, { limit, cursor }: PageRequest): Promise<Page<string> | CursorInvalid> {
  const cursors = new Cursors({ list: 'past', ...filter, ...vantage }, ['string']);
  const after = cursor === undefined ? [''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  const items: string[] = [];
  let last = after[0] as LocationId;
  for (let folded = 0; folded < MOST_FOLDED; folded += FOLDED_AT_ONCE) {
    const ids = await readIds(db, s, last, FOLDED_AT_ONCE);
    const look = await readAtlas(db, s, ids, vantage);
    for (const id of ids) {
      const dossier = look(id);
      const state = dossier?.places[0].id === id ? locationState(dossier, ruleset, vantage).state : undefined;
      if (state && matches(state, filter, ruleset)) {
        if (items.length === limit) return { items, nextCursor: cursors.after([last]) };
        items.push(JSON.stringify(state));
      }
      last = id;
    }
    if (ids.length < FOLDED_AT_ONCE) return { items, nextCursor: null };
  }
  return { items, nextCursor: cursors.after([last]) };
}

async function readIds(db: Db, s: string, after: LocationId, limit: number): Promise<LocationId[]> {
  const { rows } = await db.query<{ id: LocationId }>(`select id from ${s}.location where id > $1 order by id limit $2`, [after, limit]);
  return rows.map(({ id }) => id);
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

function isWithin(coordinates: LocationState['coordinates'], [west, south, east, north]: NonNullable<LocationFilter['bbox']>): boolean {
  if (!coordinates) return false;
  const [lon, lat] = coordinates;
  const across = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return across && lat >= south && lat <= north;
}
