import {
  mentionsOf,
  nameOf,
  visible,
  type Coordinates,
  type LocationId,
  type Mention,
  type RecordedStatement,
  type BitemporalPoint,
} from '#libs/domain';
import { groupBy, placeOf, readComponents, rootsOf } from '#libs/projection';
import { Conditions } from '../conditions.js';
import type { ReadTransaction } from '../read-models.js';

/** The place that a statement is about at a bitemporal point: the one that it was recorded on, or the one this is merged into. */
export interface StatementPlace {
  id: LocationId;
  name: string;
}

/** Such places, by the ids of those that statements were recorded on. Their coordinates are those of the register. */
export type StatementPlaces = ReadonlyMap<string, StatementPlace & { coordinates: Coordinates | null }>;

/** @param ids of places that statements as of the point were recorded on */
export async function readPlaces(
  tx: ReadTransaction,
  ids: readonly string[],
  point: BitemporalPoint,
): Promise<StatementPlaces> {
  const distinct = [...new Set(ids)] as LocationId[];
  if (distinct.length === 0) return new Map();
  return point.asOf || point.knownAt ? placesThen(tx, distinct, point) : placesNow(tx, distinct);
}

async function placesNow(
  { db, schema }: ReadTransaction,
  ids: readonly LocationId[],
): Promise<StatementPlaces> {
  // By the key, one by one: a join would read the whole table.
  const { rows } = await db.query<
    StatementPlace & { member: string; lon: number | null; lat: number | null }
  >(
    `select m.id as member, p.* from unnest($1::text[]) m (id)
     cross join lateral (
       select r.id, r.name, case when not r.reported then r.lon end as lon, case when not r.reported then r.lat end as lat
       from ${schema}.location l join ${schema}.location r on r.id = l.root_id where l.id = m.id limit 1
     ) p`,
    [ids],
  );
  return new Map(
    rows.map(({ member, id, name, lon, lat }) => [
      member,
      { id, name, coordinates: lon === null || lat === null ? null : [lon, lat] },
    ]),
  );
}

async function placesThen(
  tx: ReadTransaction,
  ids: readonly LocationId[],
  point: BitemporalPoint,
): Promise<StatementPlaces> {
  const rows = await readComponents(tx.db, tx.schema, ids);
  const places = new Map(rows.map((row) => [row.id, placeOf(row, point.knownAt)]));
  const roots = rootsOf([...places.values()]);
  const members = groupBy(places.keys(), (id) => roots.get(id)!);
  const unregistered = [...new Set(ids.map((id) => roots.get(id)!))].filter(
    (root) => !places.get(root)!.registered,
  );
  const mentions = await readMentions(
    tx,
    new Map(unregistered.map((root) => [root, members.get(root)!])),
    point,
  );
  return new Map(
    ids.map((id) => {
      const root = places.get(roots.get(id)!)!;
      return [id, { id: root.id, name: nameOf(root, mentions.get(root.id)), coordinates: root.coordinates }];
    }),
  );
}

const AT_FIRST = 4;
const TIMES_MORE = 25;

/**
 * The mention that names each of some places, among all mentions of it and of those merged into it. Reads the timeline in
 * order, a few statements first: mostly the first one counts, and a place may have many.
 */
async function readMentions(
  tx: ReadTransaction,
  members: Map<LocationId, LocationId[]>,
  point: BitemporalPoint,
): Promise<Map<LocationId, Mention | undefined>> {
  const found = new Map<LocationId, Mention | undefined>();
  for (let most = AT_FIRST; found.size < members.size; most *= TIMES_MORE) {
    const open = [...members].filter(([root]) => !found.has(root));
    const first = await readFirstMentions(
      tx,
      open.flatMap(([, ids]) => ids),
      most,
      point,
    );
    for (const [root, ids] of open) {
      const lists = ids.map((id) => first.get(id) ?? []);
      const isEnough = (list: RecordedStatement[]) =>
        list.length < most ||
        visible(list, point).length > 0 ||
        (point.asOf && list.at(-1)!.statedAt > point.asOf);
      if (lists.every(isEnough))
        found.set(root, mentionsOf(lists.flat(), visible(lists.flat(), point), point)[0]);
    }
  }
  return found;
}

/** The first statements on each place that mention it by a name, as known at a time. */
async function readFirstMentions(
  { db, schema }: ReadTransaction,
  ids: readonly LocationId[],
  most: number,
  { knownAt }: BitemporalPoint,
): Promise<Map<LocationId, RecordedStatement[]>> {
  const where = new Conditions();
  const places = where.value(ids);
  where
    .and('t.location_id = m.id')
    .and(`position('"place":{' in t.said) > 0`)
    .given(knownAt, (at) => `t.recorded_at <= ${at}::timestamptz`);
  const { rows } = await db.query<{ id: LocationId; said: string }>(
    `select m.id, t.said from unnest(${places}::text[]) m (id)
     cross join lateral (
       select t.said from ${schema}.timeline t where ${where.toString()}
       order by t.stated_at, t.published_at, t.statement_id limit ${where.value(most)}
     ) t`,
    where.values,
  );
  const saids = rows.map(({ id, said }) => ({ id, said: JSON.parse(said) as RecordedStatement }));
  return new Map([...groupBy(saids, ({ id }) => id)].map(([id, list]) => [id, list.map(({ said }) => said)]));
}
