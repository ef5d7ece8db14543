import { fold, type Coordinates, type EventId, type Hit, type LocationId, type Place, type Toponym } from '#libs/domain';
import type pg from 'pg';

// The register as tables: `places`, one row each, and `place_names`, what their names fold to.

type Db = Pick<pg.ClientBase, 'query'>;

interface PlaceRow {
  id: LocationId;
  registered: boolean;
  names: Toponym[];
  coordinates: Coordinates | null;
  country: string | null;
  region: string | null;
  within: LocationId | null;
  merged_into: LocationId | null;
  last_event: EventId | null;
}

const placeOf = ({ id, registered, names, coordinates, country, region, within, merged_into }: PlaceRow): Place => ({
  id,
  registered,
  names,
  coordinates,
  country,
  region,
  within,
  mergedInto: merged_into,
});
const rowOf = ({ mergedInto, lastEvent, ...rest }: Place & { lastEvent: EventId }): PlaceRow => ({ ...rest, merged_into: mergedInto, last_event: lastEvent });

/** The places with these ids, and all places they are merged into, one after the other. */
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

/** Writes places as they are now, with the folded forms of their names and the event that touched each last. */
export async function writePlaces(db: Db, places: readonly (Place & { lastEvent: EventId })[]): Promise<void> {
  await db.query(
    `insert into claimline.places
     select * from json_populate_recordset(null::claimline.places, $1) n order by n.id
     on conflict (id) do update set registered = excluded.registered, names = excluded.names, coordinates = excluded.coordinates,
       country = excluded.country, region = excluded.region, within = excluded.within, merged_into = excluded.merged_into, last_event = excluded.last_event`,
    [JSON.stringify(places.map(rowOf))],
  );
  await db.query('delete from claimline.place_names where place_id = any($1)', [places.map(({ id }) => id)]);
  const names = places.flatMap(({ id, names }) => [...new Set(names.map(({ name }) => fold(name)))].map((folded) => ({ id, folded })));
  await db.query('insert into claimline.place_names (folded, place_id) select * from unnest($1::text[], $2::text[])', [
    names.map(({ folded }) => folded),
    names.map(({ id }) => id),
  ]);
}

/** For each folded name, the registered places that have it, each with the place it is merged into in the end. */
export async function findByName(db: Db, folded: readonly string[]): Promise<Map<string, Hit[]>> {
  const { rows } = await db.query<Hit & { folded: string }>({
    name: 'find-by-name',
    text: `
      with recursive hits as (
        select n.folded, p.id, p.country, p.region, p.merged_into
        from claimline.place_names n join claimline.places p on p.id = n.place_id
        where n.folded = any($1) and p.registered
      ), up as (
        select id, id as root, merged_into from hits
        union
        select up.id, p.id, p.merged_into from up join claimline.places p on p.id = up.merged_into
      )
      select hits.folded, hits.id, hits.country, hits.region, up.root from hits join up on up.id = hits.id and up.merged_into is null`,
    values: [folded],
  });
  const hits = new Map<string, Hit[]>(folded.map((name) => [name, []]));
  for (const { folded: name, ...hit } of rows) hits.get(name)!.push(hit);
  return hits;
}

/** Which of these ids the register knows, provisional places among them. */
export async function knownPlaces(db: Db, ids: readonly LocationId[]): Promise<Set<LocationId>> {
  const { rows } = await db.query<{ id: LocationId }>({ name: 'known-places', text: 'select id from claimline.places where id = any($1)', values: [ids] });
  return new Set(rows.map(({ id }) => id));
}

/** The event of the register that touched a place last; undefined where none did. */
export async function lastEventOf(db: Db, id: LocationId): Promise<EventId | undefined> {
  const { rows } = await db.query<{ last_event: EventId | null }>('select last_event from claimline.places where id = $1', [id]);
  return rows[0]?.last_event ?? undefined;
}

/** Empties the register's tables, before they are filled anew from the log. */
export async function clearPlaces(db: Db): Promise<void> {
  await db.query('delete from claimline.place_names');
  await db.query('delete from claimline.places');
}
