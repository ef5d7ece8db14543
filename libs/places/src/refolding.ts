import { anotherId, FOLD, fold, provisionalId, type LocationId, type PlaceReference } from '#libs/domain';
import type pg from 'pg';
import { findStore } from '#libs/log';
import { writeNames } from './register-tables.js';

const PAGE_SIZE = 500;

export interface RefoldOptions {
  /** Called with the number of places done, and the number of all. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Folds the names of the register again if the store has them by an older fold, and finds the ids under which mentions of
 * its provisional places are now looked up; the places keep their own ids. Does nothing if the fold is the current one.
 * After a crash it starts from the beginning. Needs two connections.
 * @returns the number of places read
 * @throws Error if the store is of a newer version of Claimline
 */
export async function refold(pool: pg.Pool, { onProgress }: RefoldOptions = {}): Promise<number> {
  if (await isFolded(pool)) return 0;
  const keeper = await pool.connect();
  try {
    // If several processes start at once, one does it; the others wait here and find it done.
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
    // The rebuild that another fold needs anyway writes them again.
    await pool.query('delete from claimline.quote_words');
    await pool.query('update claimline.store set fold = $1', [FOLD]);
    return done;
  } finally {
    // The lock is released with the connection.
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
      [after, PAGE_SIZE],
    );
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)!.id;
  }
}

/** Writes the redirects: ids that mentions now come to, with their places, where the place has another id. */
async function keepIds(pool: pg.Pool, places: readonly LocationId[]): Promise<void> {
  if (places.length === 0) return;
  const { rows } = await pool.query<{ place: LocationId; location: PlaceReference }>(
    `select e.stream as place, l.location::json as location
     from claimline.events e cross join lateral (select (e.body::json #> '{data,location}')::text as location) l
     where e.stream = any($1) and e.type in ('claim.asserted', 'claim.denied') and e.body is json object
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
    // An older fold may have treated two names as one: the place keeps the first of them.
    if (known.name === fold(name)) known.ids.add(provisionalId(name, country, region, within));
  }
  const ids = [...first].flatMap(([place, { ids }]) => [
    ...[...ids].flatMap((id) => (id === place ? [] : [{ id, place, isTaken: false }])),
    // Another name may now come to this place's own id: it means another place.
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
