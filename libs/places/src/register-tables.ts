import {
  fold,
  foldRegion,
  type CodeHolder,
  type EventId,
  type LocationId,
  type Place,
  type PlaceCode,
} from '#libs/domain';
import type { Db } from '#libs/platform';

// The tables of the register: `places`, one row each; `place_names` and `region_names`, their folded names; `place_codes`.

interface PlaceRow extends Omit<Place, 'mergedInto'> {
  merged_into: LocationId | null;
  last_event: EventId | null;
}

const placeOf = ({ merged_into, last_event: _last, ...place }: PlaceRow): Place => ({
  ...place,
  mergedInto: merged_into,
});
const rowOf = ({ mergedInto, lastEvent, ...rest }: Place & { lastEvent: EventId }): PlaceRow => ({
  ...rest,
  merged_into: mergedInto,
  last_event: lastEvent,
});

/** The places with these ids, and all places they are merged into, directly or through others. */
export async function readPlaces(db: Db, ids: readonly LocationId[]): Promise<Map<LocationId, Place>> {
  const { rows } = await db.query<PlaceRow>(
    `with recursive up as (
       select id, merged_into from claimline.places where id = any($1)
       union
       select p.id, p.merged_into from up join claimline.places p on p.id = up.merged_into
     )
     select p.* from claimline.places p where p.id in (select id from up)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, placeOf(row)]));
}

/** Writes places as they are now, with their folded names and the last event about each. */
export async function writePlaces(
  db: Db,
  places: readonly (Place & { lastEvent: EventId })[],
): Promise<void> {
  await db.query(
    `insert into claimline.places
     select * from json_populate_recordset(null::claimline.places, $1) n order by n.id
     on conflict (id) do update set
       registered = excluded.registered, names = excluded.names, codes = excluded.codes,
       coordinates = excluded.coordinates, countries = excluded.countries, region = excluded.region,
       within = excluded.within, merged_into = excluded.merged_into, last_event = excluded.last_event`,
    [JSON.stringify(places.map(rowOf))],
  );
  await writeNames(db, places);
  await writeTexts(
    db,
    'place_codes',
    ['scheme', 'value'],
    places.map(({ id, codes }) => ({ id, texts: codes.map(({ scheme, value }) => [scheme, value]) })),
  );
}

/** Writes the folded names of places. */
export async function writeNames(db: Db, places: readonly Pick<Place, 'id' | 'names'>[]): Promise<void> {
  const folded = places.map(({ id, names }) => ({
    id,
    plain: new Set(names.map(({ name }) => fold(name))),
    regional: new Set(names.map(({ name }) => foldRegion(name))),
  }));
  await writeTexts(
    db,
    'place_names',
    ['folded'],
    folded.map(({ id, plain }) => ({ id, texts: [...plain].map((name) => [name]) })),
  );
  await writeTexts(
    db,
    'region_names',
    ['folded'],
    folded.map(({ id, plain, regional }) => ({
      id,
      texts: [...regional].filter((name) => !plain.has(name)).map((name) => [name]),
    })),
  );
}

/** Replaces the rows of some places in a table: for each place a list of its rows, without the id. */
async function writeTexts(
  db: Db,
  table: string,
  columns: readonly string[],
  places: readonly { id: LocationId; texts: string[][] }[],
): Promise<void> {
  await db.query(`delete from claimline.${table} where place_id = any($1)`, [places.map(({ id }) => id)]);
  const rows = places.flatMap(({ id, texts }) => texts.map((text) => [...text, id]));
  if (rows.length === 0) return;
  const written = [...columns, 'place_id'];
  await db.query(
    `insert into claimline.${table} (${written.join(', ')})
     select * from unnest(${written.map((_, at) => `$${at + 1}::text[]`).join(', ')})`,
    written.map((_, at) => rows.map((row) => row[at]!)),
  );
}

/** The provisional places under ids that they may have, by the id asked for. */
export async function findProvisional(
  db: Db,
  ids: readonly LocationId[],
): Promise<Map<LocationId, LocationId>> {
  const { rows } = await db.query<{ id: LocationId; place: LocationId }>({
    name: 'find-provisional',
    text: `
      select id, place_id as place from claimline.provisional_ids where id = any($1)
      union all select id, id from claimline.places p
      where id = any($1) and not exists (select from claimline.provisional_ids o where o.id = p.id)`,
    values: [ids],
  });
  return new Map(rows.map(({ id, place }) => [id, place]));
}

/** Whether mentions of any provisional place come to another id than its own. */
export async function hasRedirects(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ any: boolean }>(
    'select exists (select from claimline.provisional_ids) as any',
  );
  return rows[0]!.any;
}

/** The places that have some codes, merged ones too: their codes mean the places that they are merged into. */
export async function codeHolders(db: Db, codes: readonly PlaceCode[]): Promise<CodeHolder[]> {
  if (codes.length === 0) return [];
  const { rows } = await db.query<CodeHolder>(
    `select c.scheme, c.value, c.place_id as id
     from claimline.place_codes c join unnest($1::text[], $2::text[]) n (scheme, value) using (scheme, value)
     order by c.place_id`,
    [codes.map(({ scheme }) => scheme), codes.map(({ value }) => value)],
  );
  return rows;
}

/** Those of these ids that the register knows, provisional places included. */
export async function knownPlaces(db: Db, ids: readonly LocationId[]): Promise<Set<LocationId>> {
  const { rows } = await db.query<{ id: LocationId }>({
    name: 'known-places',
    text: 'select id from claimline.places where id = any($1)',
    values: [ids],
  });
  return new Set(rows.map(({ id }) => id));
}

/** The last event of the register about a place; undefined where there is none. */
export async function lastEventOf(db: Db, id: LocationId): Promise<EventId | undefined> {
  const { rows } = await db.query<{ last_event: EventId | null }>(
    'select last_event from claimline.places where id = $1',
    [id],
  );
  return rows[0]?.last_event ?? undefined;
}

/** Empties the register's tables, before they are rebuilt from the log. */
export async function clearPlaces(db: Db): Promise<void> {
  for (const table of ['place_names', 'region_names', 'place_codes', 'provisional_ids'])
    await db.query(`delete from claimline.${table}`);
  await db.query('delete from claimline.places');
}
