import { anotherId, FOLD, fold, provisionalId, type LocationId, type PlaceReference } from '#libs/domain';
import type pg from 'pg';
import { findStore } from './opening.js';
import { writeNames } from './register-tables.js';

const PAGE = 500;

export interface RefoldOptions {
  /** Hears how many places are done, of how many. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Folds the names of the register anew where the store compares them with an older fold, and finds out under which ids
 * mentions of its provisional places are looked for by now: these places and their ids stay. Does nothing where there is
 * nothing to do. Begun again after a crash it starts anew. Needs two connections.
 * @returns how many places were looked at
 * @throws where the store is of a newer version of Claimline
 */
export async function refold(pool: pg.Pool, { onProgress }: RefoldOptions = {}): Promise<number> {
  if (await isFolded(pool)) return 0;
  const keeper = await pool.connect();
  try {
    // Of several processes that start at once one does it; the others wait here and find it done.
    await keeper.query(`select pg_advisory_lock(hashtext('claimline.refold'))`);
    if (await isFolded(pool)) return 0;
    const { rows } = await pool.query<{ total: number }>(
      'select count(*)::int as total from claimline.places',
    );
    let done = 0;
    for await (const page of placePages(pool)) {
      await writeNames(pool, page);
      await keepIds(
        pool,
        page.flatMap(({ id, registered }) => (registered ? [] : [id])),
      );
      done += page.length;
      onProgress?.(done, rows[0]!.total);
    }
    await pool.query('update claimline.store set fold = $1', [FOLD]);
    return done;
  } finally {
    // The lock goes with the connection.
    keeper.release(true);
  }
}

async function isFolded(pool: pg.Pool): Promise<boolean> {
  const store = await findStore(pool);
  if (store && store.fold > FOLD)
    throw new Error(
      `this store compares names with fold ${store.fold}, and this version of Claimline only knows fold ${FOLD}: use a newer one`,
    );
  return store?.fold === FOLD;
}

interface PlaceNames {
  id: LocationId;
  registered: boolean;
  names: { name: string }[];
}

async function* placePages(pool: pg.Pool): AsyncGenerator<PlaceNames[]> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<PlaceNames>(
      'select id, registered, names from claimline.places where id > $1 order by id limit $2',
      [after, PAGE],
    );
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)!.id;
  }
}

/** Writes which places mentions mean that come to an id which is not that of their place. */
async function keepIds(pool: pg.Pool, places: readonly LocationId[]): Promise<void> {
  if (places.length === 0) return;
  const { rows } = await pool.query<{ place: LocationId; location: PlaceReference }>(
    `select e.stream as place, l.location::json as location
     from claimline.events e cross join lateral (select (e.body::json #> '{data,location}')::text as location) l
     where e.stream = any($1) and e.type in ('claim.asserted', 'claim.denied')
     group by e.stream, l.location order by e.stream, min(e.position)`,
    [places],
  );
  const first = new Map<LocationId, { name: string; ids: Set<LocationId> }>();
  for (const {
    place,
    location: { name, country, region, within },
  } of rows) {
    if (name === undefined) continue;
    const known = first.get(place) ?? { name: fold(name), ids: new Set() };
    first.set(place, known);
    // An older fold may have taken two names for one: the place goes on with the one that was there first.
    if (known.name === fold(name)) known.ids.add(provisionalId(name, country, region, within));
  }
  const ids = [...first].flatMap(([place, { ids }]) => [
    ...[...ids].flatMap((id) => (id === place ? [] : [{ id, place, isTaken: false }])),
    // Another name may come to the very id of the place by now: it means another place.
    ...(ids.has(place) ? [] : [{ id: place, place: anotherId(place), isTaken: true }]),
  ]);
  await pool.query(
    `insert into claimline.provisional_ids (id, place_id)
     select n.id, n.place from unnest($1::text[], $2::text[], $3::boolean[]) n (id, place, is_taken)
     where n.is_taken or not exists (select from claimline.places p where p.id = n.id)
     on conflict (id) do nothing`,
    [ids.map(({ id }) => id), ids.map(({ place }) => place), ids.map(({ isTaken }) => isTaken)],
  );
}
