import {
  locationState,
  momentState,
  type AsOfIndex,
  type PlaceHistory,
  type Instant,
  type LocationId,
  type LocationState,
  type Ruleset,
  type BitemporalPoint,
} from '#libs/domain';
import {
  named,
  parsedMember,
  partnersOf,
  placeLookup,
  timelinesOf,
  type RawMember,
  type TimelineText,
} from '#libs/projection';
import { readMembership } from '../freshness/basis.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { MIN_LONG_TIMELINE, type LongTimelines } from './long-timelines.js';
import { readPlaceHistory } from './place-history.js';

// Places at a moment, from one SQL statement. It leaves out later statements, and takes the beginning of a place's status
// from the history, so that no earlier moment has to be folded.

/** A place with the basis of its state at a moment. */
export interface PlaceAsOf {
  history: PlaceHistory;
  /** The interval of its stored history that contains the moment; null before the first one, undefined if unknown. */
  interval?: { from: Instant; eventId: string } | null;
  /** The states of the place as of every time, if they are kept and the moment is of what is known now. */
  indexBy?: (ruleset: Ruleset) => AsOfIndex;
}

/** The state of a place at a moment: the same as by folding all events about it. */
export function stateAt(
  { history, interval, indexBy }: PlaceAsOf,
  ruleset: Ruleset,
  point: BitemporalPoint,
): LocationState {
  const { asOf = null } = point;
  const since = interval?.from ?? null;
  const index = indexBy?.(ruleset);
  const sees = (eventId: string) =>
    index?.sees(eventId, asOf) ??
    history.timeline.some(
      (said) =>
        (!asOf || said.statedAt <= asOf) &&
        (said.eventId === eventId || said.retractions.some((one) => one.eventId === eventId)),
    );
  // An interval may begin with a retraction stated before its own statement; then the moment does not include it yet.
  const isKnown = interval === null || (interval !== undefined && sees(interval.eventId));
  if (!isKnown) return locationState(history, ruleset, point).state;
  return index ? index.at(asOf, since) : momentState(history, ruleset, point, since);
}

/** What an answer about a place rests on. */
interface PlaceBasis {
  /** The version of the ruleset that the tables are derived with. */
  rulesetVersion: string;
  /** The place and those now merged into it, and when an event about them was last recorded. */
  members: LocationId[];
  recordedAt: Instant;
}

/** What one SQL statement can say about a place at a moment. */
type FoundInOne =
  | { is: 'known'; place: PlaceAsOf & PlaceBasis }
  | { is: 'unknown' }
  /** It was merged with other places by then, or its statements were left out and are no longer kept. */
  | { is: 'incomplete' };

/** One place, which may be merged into another; undefined if it is not known, or was not known then. */
export async function readPlaceAsOf(
  models: ReadModels,
  id: string,
  point: BitemporalPoint,
  long: LongTimelines,
): Promise<(PlaceAsOf & PlaceBasis) | undefined> {
  const found = await readInOne(models, id, point, long);
  switch (found.is) {
    case 'known':
      return found.place;
    case 'unknown':
      return undefined;
    case 'incomplete':
      return models.read((tx) => readWhole(tx, id, point));
  }
}

async function readInOne(
  { pool, schema }: ReadModels,
  id: string,
  point: BitemporalPoint,
  long: LongTimelines,
): Promise<FoundInOne> {
  const roots = `select root_id as id from ${schema}.location where id = $1`;
  const rows = await readRows({ db: pool, schema }, roots, id, point, { etag: long.etagOf(id) });
  const [first] = rows;
  if (!first) return { is: 'unknown' };
  const members = rows.map(parsedMember);
  const ids = members.map((row) => row.id);
  const isClosed =
    !point.knownAt ||
    members.every(({ register }) =>
      register.every((one) => partnersOf(one).every((partner) => ids.includes(partner))),
    );
  if (!isClosed) return { is: 'incomplete' };
  const kept = first.isLong ? long.get(id, first.etag) : undefined;
  if (!kept && first.isKept) return { is: 'incomplete' };
  const timelines =
    kept?.timelines ?? (first.isLong ? long.keep(id, first.etag, ids, timelinesOf(rows)) : timelinesOf(rows));
  const history = placeLookup(members, timelines, point.knownAt)(id as LocationId);
  if (!history) return { is: 'unknown' };
  const place = {
    history,
    interval: intervalOf(first),
    rulesetVersion: first.rulesetVersion,
    members: ids,
    recordedAt: first.recordedAt.toISOString(),
  };
  // Only for the second question on: more are likely then, and making the index takes longer than one answer.
  return kept && !point.knownAt
    ? { is: 'known', place: { ...place, indexBy: (ruleset) => kept.indexFor(history, ruleset) } }
    : { is: 'known', place };
}

async function readWhole(
  tx: ReadTransaction,
  id: string,
  { knownAt }: BitemporalPoint,
): Promise<(PlaceAsOf & PlaceBasis) | undefined> {
  const history = await readPlaceHistory(tx, id, knownAt);
  const present = history && (await readMembership(tx, id));
  return present && { history, rulesetVersion: tx.ruleset.version, ...present };
}

/** Places that are not merged into another, as of a time, by what is known now. */
export async function readPlacesAt(
  tx: ReadTransaction,
  roots: readonly LocationId[],
  asOf: Instant | null,
): Promise<Map<LocationId, () => PlaceAsOf>> {
  if (roots.length === 0) return new Map();
  const rows = await readRows(tx, 'select unnest($1::text[]) as id', roots, { asOf });
  const look = placeLookup(rows.map(parsedMember), timelinesOf(rows));
  return new Map(
    rows
      .filter(({ id, root }) => id === root)
      .map((row) => [row.id, () => ({ history: look(row.id)!, interval: intervalOf(row) })]),
  );
}

interface PlaceBasisRow extends RawMember, TimelineText {
  rulesetVersion: string;
  recordedAt: Date;
  isInterval: boolean;
  from: Date | null;
  eventId: string | null;
  etag: string;
  isLong: boolean;
  /** Whether the statements are left out because they are kept already. */
  isKept: boolean;
}

/**
 * Places with those merged into them, the statements by then, and the interval of the root's history.
 * @param roots SQL for the ids of places that are not merged into another, with `given` as its only value
 * @param kept given where timelines of long places are kept: for such places it reads all statements, or none if the entity
 * tag is still the same
 */
async function readRows(
  { db, schema }: Pick<ReadTransaction, 'db' | 'schema'>,
  roots: string,
  given: unknown,
  { asOf, knownAt }: BitemporalPoint,
  kept?: { etag: string | undefined },
): Promise<PlaceBasisRow[]> {
  const values: unknown[] = [given, asOf ?? 'infinity'];
  const [known, etag] = [
    knownAt && `$${values.push(knownAt)}::timestamptz`,
    kept && `$${values.push(kept.etag)}::text`,
  ];
  const said = (seen: string) =>
    `(select string_agg(t.said, ',') from ${schema}.timeline t where t.location_id = m.id and ${seen})`;
  const seen = known ? said(`t.recorded_at <= ${known}`) : withLater(said);
  const { rows } = await db.query<PlaceBasisRow>(
    named(
      `select (select ruleset_version from ${schema}.generation) as "rulesetVersion", m.id, m.root_id as root, m.register,
         f.last_recorded_at as "recordedAt", ${known ? `f.last_recorded_at <= ${known}` : 'true'} as "isInterval",
         h."from", h.event_id as "eventId",
         ${
           etag
             ? `f.etag, f.statements >= ${MIN_LONG_TIMELINE} as "isLong", coalesce(f.etag = ${etag}, false) as "isKept",
         case when f.etag = ${etag} then null when f.statements >= ${MIN_LONG_TIMELINE} then ${said('true')} else ${seen} end as said`
             : `${seen} as said`
         }
       from (${roots}) r
       join ${schema}.location m on m.root_id = r.id
       join ${schema}.location_state f on f.id = r.id
       left join lateral (
         select h."from", h.event_id from ${schema}.state_history h
         where h.location_id = r.id and h."from" <= $2::timestamptz order by h."from" desc limit 1
       ) h on true`,
      values,
    ),
  );
  return rows;
}

/**
 * The statements by then; and if none of them names the place, or one was voided, also the later ones that name it: a name
 * is independent of asOf. The JSON texts are searched unparsed: no string within them can contain a bare quote.
 */
const withLater = (said: (seen: string) => string) =>
  `(select concat_ws(',', e.said, case when coalesce(position('"place":{' in e.said), 0) = 0 or position('"voided":true' in e.said) > 0
             then ${said(`t.stated_at > $2::timestamptz and position('"place":{' in t.said) > 0`)} end)
           from (select ${said('t.stated_at <= $2::timestamptz')} as said offset 0) e)`;

/** The stored history is of all that is known now: it holds for `knownAt` only if nothing was recorded since. */
function intervalOf({ isInterval, from, eventId }: PlaceBasisRow): PlaceAsOf['interval'] {
  if (!isInterval) return undefined;
  return from === null ? null : { from: from.toISOString(), eventId: eventId! };
}
