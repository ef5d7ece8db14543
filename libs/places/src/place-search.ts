import {
  fold,
  foldRegion,
  memoize,
  type Coordinates,
  type PlaceMatch,
  type LocationId,
  type PlaceCode,
  type Region,
} from '#libs/domain';
import type { Db } from '#libs/platform';

// The search for the registered places that names, codes and words for regions may mean.

/** The location of a place: its coordinates, countries, region and surrounding place. */
interface PlaceRow {
  id: LocationId;
  lon: number | null;
  lat: number | null;
  /** Joined by commas: an array would take longer to parse than all the rest. */
  countries: string;
  region: string | null;
  within: LocationId | null;
  merged_into: LocationId | null;
}
type Found = PlaceRow & { key: string };
type FoundRegion = Found & { names: string[]; isExact: boolean; isRegion: boolean };

const PLACE = `p.id, p.coordinates[1] as lon, p.coordinates[2] as lat,
  array_to_string(p.countries, ',') as countries, p.region, p.within, p.merged_into`;

/** The matches of the register for some keys, with their surroundings. */
export interface Search {
  /** The registered places that have a name, by its folded form. */
  byName(folded: string): readonly PlaceMatch[];
  byCode(code: PlaceCode): readonly PlaceMatch[];
  /** The registered places that a text may mean as a region or as a place around another. */
  named(text: string): readonly Region[];
}

/** Looks up folded names, codes, and texts for regions: one query for names and texts, one for codes, one for surroundings. */
export async function search(
  db: Db,
  names: readonly string[],
  codes: readonly PlaceCode[],
  texts: readonly string[],
): Promise<Search> {
  const [found, coded] = await Promise.all([
    names.length + texts.length > 0 ? find(db, names, texts) : [],
    codes.length > 0 ? findByCode(db, codes) : [],
  ]);
  const around = await surroundings(db, [...found, ...coded]);
  const hit = (row: Found): PlaceMatch => ({ id: row.id, region: row.region, ...around(row) });
  const isText = (row: Found | FoundRegion): row is FoundRegion => (row as FoundRegion).names != null;
  const [byName, byCode] = [
    groupRows(
      found.filter((row) => !isText(row)),
      hit,
    ),
    groupRows(coded, hit),
  ];
  const byText = groupRows(found.filter(isText) as FoundRegion[], (row): Region => ({
    id: row.id,
    names: row.names,
    isExact: row.isExact,
    isRegion: row.isRegion,
    ...around(row),
  }));
  return {
    byName: (folded) => byName.get(folded) ?? [],
    byCode: (code) => byCode.get(codeKey(code)) ?? [],
    named: (text) => byText.get(text) ?? [],
  };
}

/**
 * The places that have some names, and those that texts for regions may mean: by id, by name, and by name without its word
 * for a region. One query, because every batch of statements waits for it.
 */
async function find(
  db: Db,
  folded: readonly string[],
  texts: readonly string[],
): Promise<(Found | FoundRegion)[]> {
  const { rows } = await db.query<Found | FoundRegion>({
    name: 'find-places',
    text: `
      select n.folded as key, ${PLACE}, null::text[] as names, null::boolean as "isExact", null::boolean as "isRegion"
      from claimline.place_names n join claimline.places p on p.id = n.place_id where n.folded = any($1) and p.registered
      union all
      select n.key, ${PLACE}, array(select one ->> 'name' from jsonb_array_elements(p.names) one), f.exact,
        exists (select from claimline.region_names r where r.place_id = p.id)
          or exists (select from claimline.places o where o.within = p.id)
      from unnest($2::text[], $3::text[], $4::text[]) n (key, folded, regional)
      cross join lateral (
        select place_id, bool_or(exact) as exact from (
          select place_id, true as exact from claimline.place_names where folded = n.folded
          union all select place_id, false from claimline.place_names where folded = n.regional
          union all select place_id, false from claimline.region_names where folded = n.regional
          union all select id, true from claimline.places where id = n.key
        ) any_of group by place_id
      ) f join claimline.places p on p.id = f.place_id where p.registered or p.id = n.key`,
    values: [folded, texts, texts.map((text) => fold(text)), texts.map((text) => foldRegion(text))],
  });
  return rows;
}

const codeKey = ({ scheme, value }: PlaceCode): string => `${scheme}\t${value}`;

async function findByCode(db: Db, codes: readonly PlaceCode[]): Promise<Found[]> {
  const { rows } = await db.query<Found>({
    name: 'find-by-code',
    text: `
      select c.scheme || chr(9) || c.value as key, ${PLACE}
      from unnest($1::text[], $2::text[]) n (scheme, value)
      join claimline.place_codes c using (scheme, value) join claimline.places p on p.id = c.place_id`,
    values: [codes.map(({ scheme }) => scheme), codes.map(({ value }) => value)],
  });
  return rows;
}

/** The surroundings of some places: the places that they are in, at any level, and those that any of these are merged into. */
async function surroundings(
  db: Db,
  rows: readonly PlaceRow[],
): Promise<(row: PlaceRow) => Pick<PlaceMatch, 'root' | 'coordinates' | 'countries' | 'around'>> {
  const known = new Map(rows.map((row) => [row.id, row]));
  const above = new Set(rows.flatMap(nextOf));
  if (above.size > 0) {
    const { rows: read } = await db.query<PlaceRow>({
      name: 'places-above',
      text: `
        with recursive up (id) as (
          select unnest($1::text[])
          union
          select e.next from up join claimline.places p on p.id = up.id
          cross join lateral (values (p.within), (p.merged_into)) e (next) where e.next is not null
        )
        select ${PLACE} from claimline.places p where p.id in (select id from up)`,
      values: [[...above]],
    });
    for (const row of read) known.set(row.id, row);
  }
  const rootOf = (row: PlaceRow): PlaceRow =>
    row.merged_into === null ? row : rootOf(known.get(row.merged_into)!);
  return (row) => {
    if (nextOf(row).length === 0)
      return { root: row.id, coordinates: coordinatesOf(row), countries: countriesOf(row), around: NOTHING };
    const reached = new Set([row.id]);
    for (const id of reached) for (const next of nextOf(known.get(id)!)) reached.add(next);
    const root = rootOf(row);
    const countries = new Set([...reached].flatMap((id) => countriesOf(known.get(id)!)));
    return {
      root: root.id,
      coordinates: coordinatesOf(root) ?? coordinatesOf(row),
      countries: [...countries],
      around: [...reached].filter((id) => id !== row.id && id !== root.id),
    };
  };
}

const nextOf = ({ within, merged_into: mergedInto }: PlaceRow): LocationId[] =>
  [within, mergedInto].filter((id) => id !== null);

const NOTHING: readonly never[] = [];
const listed = memoize((countries: string): readonly string[] =>
  countries === '' ? NOTHING : countries.split(','),
);
const countriesOf = ({ countries }: PlaceRow) => listed(countries);
const coordinatesOf = ({ lon, lat }: PlaceRow): Coordinates | null =>
  lon === null || lat === null ? null : [lon, lat];

function groupRows<R extends Found, T>(rows: readonly R[], make: (row: R) => T): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const those = found.get(row.key);
    if (those) those.push(make(row));
    else found.set(row.key, [make(row)]);
  }
  return found;
}
