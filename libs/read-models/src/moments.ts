import {
  locationState,
  momentState,
  type Course,
  type Dossier,
  type Instant,
  type LocationId,
  type LocationState,
  type Ruleset,
  type Vantage,
} from '#libs/domain';
import { named, type Db } from './database.js';
import { parsedMember, timelinesOf, type RawMember, type SaidRow } from './location-rows.js';
import { LONG, type LongTimelines } from './long-timelines.js';
import { atlas, partnersOf } from './register-entries.js';

// Places at a moment, out of one statement of SQL. It leaves out what was stated or recorded later, and takes from the
// history since when a place had its status, so that nothing before the moment has to be folded.

/** A place with all that its state at a moment rests on. */
export interface Moment {
  dossier: Dossier;
  /** The interval of its history that the moment lies in, null before the first one; undefined where that is not known. */
  interval?: { from: Instant; eventId: string } | null;
  /** Where its course is kept, and the moment is of what is known by now. */
  courseBy?: (ruleset: Ruleset) => Course;
}

/** The state of a place at a moment: what folding everything about it gives. */
export function stateAt(
  { dossier, interval, courseBy }: Moment,
  ruleset: Ruleset,
  vantage: Vantage,
): LocationState {
  const { asOf = null } = vantage;
  const since = interval?.from ?? null;
  const course = courseBy?.(ruleset);
  const sees = (eventId: string) =>
    course?.sees(eventId, asOf) ??
    dossier.timeline.some(
      (said) =>
        (!asOf || said.statedAt <= asOf) &&
        (said.eventId === eventId || said.retractions.some((one) => one.eventId === eventId)),
    );
  // An interval may begin with a retraction that was stated before its own statement, which the moment does not see yet.
  const isKnown = interval === null || (interval !== undefined && sees(interval.eventId));
  if (!isKnown) return locationState(dossier, ruleset, vantage).state;
  return course ? course.at(asOf, since) : momentState(dossier, ruleset, vantage, since);
}

/** Where a moment comes from. */
interface Origin {
  /** Of the ruleset that the tables are derived with. */
  rulesetVersion: string;
  /** The place and those that are merged into it by now, and when something about them was last recorded. */
  members: LocationId[];
  recordedAt: Instant;
}

/** One place, which may be merged into another; undefined where it is not known, 'more' where one statement of SQL cannot tell. */
export async function readMoment(
  db: Db,
  s: string,
  id: string,
  vantage: Vantage,
  long: LongTimelines,
): Promise<(Moment & Origin) | undefined | 'more'> {
  const rows = await readRows(db, s, `select root_id as id from ${s}.location where id = $1`, id, vantage, {
    etag: long.etagOf(id),
  });
  const [first] = rows;
  if (!first) return undefined;
  const members = rows.map(parsedMember);
  const ids = members.map((row) => row.id);
  const isClosed =
    !vantage.knownAt ||
    members.every(({ register }) =>
      register.every((one) => partnersOf(one).every((partner) => ids.includes(partner))),
    );
  if (!isClosed) return 'more';
  const kept = first.isLong ? long.get(id, first.etag) : undefined;
  if (!kept && first.isKept) return 'more';
  const timelines =
    kept?.timelines ?? (first.isLong ? long.keep(id, first.etag, ids, timelinesOf(rows)) : timelinesOf(rows));
  const dossier = atlas(members, timelines, vantage.knownAt)(id as LocationId);
  if (!dossier) return undefined;
  const moment = {
    dossier,
    interval: intervalOf(first),
    rulesetVersion: first.rulesetVersion,
    members: ids,
    recordedAt: first.recordedAt.toISOString(),
  };
  // Who asks a second time will go on: to make the course takes longer than to answer once.
  return kept && !vantage.knownAt
    ? { ...moment, courseBy: (ruleset) => kept.courseOf(dossier, ruleset) }
    : moment;
}

/** Places that are merged into no other, as of a time, as far as they are known by now. */
export async function readMoments(
  db: Db,
  s: string,
  roots: readonly LocationId[],
  asOf: Instant | null,
): Promise<Map<LocationId, () => Moment>> {
  if (roots.length === 0) return new Map();
  const rows = await readRows(db, s, 'select unnest($1::text[]) as id', roots, { asOf });
  const look = atlas(rows.map(parsedMember), timelinesOf(rows));
  return new Map(
    rows
      .filter(({ id, root }) => id === root)
      .map((row) => [row.id, () => ({ dossier: look(row.id)!, interval: intervalOf(row) })]),
  );
}

interface Row extends RawMember, SaidRow {
  rulesetVersion: string;
  recordedAt: Date;
  isInterval: boolean;
  from: Date | null;
  eventId: string | null;
  etag: string;
  isLong: boolean;
  /** Whether what was said is left out, for it is kept already. */
  isKept: boolean;
}

/**
 * Places with those that are merged into them, what was said by then, and the interval of the root's history.
 * @param roots SQL that answers the ids of places that are merged into no other, with `given` as its only value
 * @param kept where timelines of long places are kept: about those all is read that was said, or where the entity tag is
 * still this one, nothing
 */
async function readRows(
  db: Db,
  s: string,
  roots: string,
  given: unknown,
  { asOf, knownAt }: Vantage,
  kept?: { etag: string | undefined },
): Promise<Row[]> {
  const values: unknown[] = [given, asOf ?? 'infinity'];
  const [known, etag] = [
    knownAt && `$${values.push(knownAt)}::timestamptz`,
    kept && `$${values.push(kept.etag)}::text`,
  ];
  const said = (seen: string) =>
    `(select string_agg(t.said, ',') from ${s}.timeline t where t.location_id = m.id and ${seen})`;
  const seen = known ? said(`t.recorded_at <= ${known}`) : withLater(said);
  const { rows } = await db.query<Row>(
    named(
      `select (select ruleset_version from ${s}.generation) as "rulesetVersion", m.id, m.root_id as root, m.register, f.last_recorded_at as "recordedAt", ${known ? `f.last_recorded_at <= ${known}` : 'true'} as "isInterval", h."from", h.event_id as "eventId",
         ${
           etag
             ? `f.etag, f.statements >= ${LONG} as "isLong", coalesce(f.etag = ${etag}, false) as "isKept",
         case when f.etag = ${etag} then null when f.statements >= ${LONG} then ${said('true')} else ${seen} end as said`
             : `${seen} as said`
         }
       from (${roots}) r
       join ${s}.location m on m.root_id = r.id
       join ${s}.location_state f on f.id = r.id
       left join lateral (
         select h."from", h.event_id from ${s}.state_history h where h.location_id = r.id and h."from" <= $2::timestamptz order by h."from" desc limit 1
       ) h on true`,
      values,
    ),
  );
  return rows;
}

/**
 * What was stated by then; and where that names the place nowhere, or something of it was voided, the later statements that
 * name it: a name has no asOf. The texts are looked at as they are, for no string within them can hold a quote.
 */
const withLater = (said: (seen: string) => string) =>
  `(select concat_ws(',', e.said, case when coalesce(position('"place":{' in e.said), 0) = 0 or position('"voided":true' in e.said) > 0
             then ${said(`t.stated_at > $2::timestamptz and position('"place":{' in t.said) > 0`)} end)
           from (select ${said('t.stated_at <= $2::timestamptz')} as said offset 0) e)`;

/** The history that is kept is that of all that is known by now: as known at a time where nothing came since. */
function intervalOf({ isInterval, from, eventId }: Row): Moment['interval'] {
  if (!isInterval) return undefined;
  return from === null ? null : { from: from.toISOString(), eventId: eventId! };
}
