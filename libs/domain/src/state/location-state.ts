import {
  deriveMoment,
  deriveSeen,
  visible,
  type Derived,
  type Flag,
  type HolderState,
  type BitemporalPoint,
} from './derive.js';
import type { Toponym } from '../events/events.js';
import type { LocationId } from '../values/identity.js';
import { isSameCode, isSameName, type Place, type PlaceChange } from '../place/place.js';
import type { Coordinates, PlaceCode } from '../statement/place-reference.js';
import type { Ruleset } from '../ruleset.js';
import { compare, compareStatements, type RecordedStatement } from '../events/recorded-statement.js';
import type { Status } from './standing.js';
import { fold } from '../values/fold.js';
import { memoize } from '../values/text.js';
import type { Instant } from '../values/time.js';
import { formatToken } from '../values/token.js';

/** The state of a location as the API shows it. */
export interface LocationState {
  id: LocationId;
  name: string;
  names: Toponym[];
  codes: PlaceCode[];
  /** From the register; if it has none, those that the latest statement with coordinates reported. */
  coordinates: Coordinates | null;
  /** The coordinates are reported ones. */
  coordinatesReported: boolean;
  country: string | null;
  /** Every country that it is in by the register; `country` is the first. */
  countries: string[];
  region: string | null;
  within: LocationId | null;
  /** The places that are merged into it. */
  merged: LocationId[];
  status: Status;
  rule: string;
  since: Instant | null;
  asOf: Instant | null;
  knownAt: Instant | null;
  control: HolderState[];
  flags: Flag[];
  statements: number;
  origins: number;
  firstStatedAt: Instant | null;
  lastStatedAt: Instant | null;
  lastRecordedAt: Instant | null;
  rulesetVersion: string;
  token: string;
}

/** A place with everything recorded about it: its own facts first, then those of the places merged into it. */
export interface PlaceHistory {
  places: [root: Place, ...merged: Place[]];
  /** The events of the register that touched these places. */
  touches: readonly PlaceChange[];
  timeline: readonly RecordedStatement[];
}

/** The state of a place, and its history beside it. */
export function locationState(
  placeHistory: PlaceHistory,
  ruleset: Ruleset,
  point: BitemporalPoint = {},
): { state: LocationState; history: Derived['history'] } {
  const seen = visible(placeHistory.timeline, point);
  const { history, ...derived } = deriveSeen(seen, ruleset, point, !placeHistory.places[0].registered);
  return {
    state: stateOf(placeHistory, placeContext(placeHistory, seen, point), ruleset, point, derived),
    history,
  };
}

/** The state of a place whose `since` is already known, as from its history: nothing before the moment is folded. */
export function momentState(
  history: PlaceHistory,
  ruleset: Ruleset,
  point: BitemporalPoint,
  since: Instant | null,
): LocationState {
  const seen = visible(history.timeline, point);
  const derived = deriveMoment(seen, ruleset, point, !history.places[0].registered);
  return stateOf(history, placeContext(history, seen, point), ruleset, point, { ...derived, since });
}

/** The parts of a state that do not come from the rules. */
export interface PlaceContext {
  /** The names by which statements mentioned the places, in the order of the statements; a name may repeat. */
  mentions: readonly Mention[];
  /** The coordinates that the latest statement with coordinates reported. */
  reported: Coordinates | null;
  touched: Pick<LocationState, 'lastRecordedAt' | 'token'>;
}

const placeContext = (
  { touches, timeline }: PlaceHistory,
  seen: readonly RecordedStatement[],
  point: BitemporalPoint,
): PlaceContext => ({
  mentions: mentionsOf(timeline, seen, point),
  reported: reportedOf(seen),
  touched: lastChange(touches, timeline, point),
});

export function stateOf(
  { places: [root, ...merged] }: Pick<PlaceHistory, 'places'>,
  { mentions, reported, touched }: PlaceContext,
  ruleset: Ruleset,
  point: BitemporalPoint,
  derived: Omit<Derived, 'history'>,
): LocationState {
  const { asOf = null, knownAt = null } = point;
  const [mention] = mentions;
  const names = [...root.names, ...merged.flatMap((place) => place.names).map(asAlias)];
  const countries =
    root.registered || root.countries.length > 0 || mention?.country === undefined
      ? root.countries
      : [mention.country];
  return {
    id: root.id,
    name: nameOf(root, mention),
    names: withMentions(distinct(names), mentions),
    codes: distinctCodes([root, ...merged].flatMap(({ codes }) => codes)),
    coordinates: root.coordinates ?? reported,
    coordinatesReported: root.coordinates === null && reported !== null,
    country: countries[0] ?? null,
    countries,
    region: root.region ?? (root.registered ? null : (mention?.region ?? null)),
    within: root.within,
    merged: merged.map(({ id }) => id).toSorted(compare),
    status: derived.status,
    rule: derived.rule,
    since: derived.since,
    asOf,
    knownAt,
    control: derived.control,
    flags: derived.flags,
    statements: derived.statements,
    origins: derived.origins,
    firstStatedAt: derived.firstStatedAt,
    lastStatedAt: derived.lastStatedAt,
    lastRecordedAt: touched.lastRecordedAt,
    rulesetVersion: ruleset.version,
    token: touched.token,
  };
}

/** The name that a place is shown by. @param mention the first mention, in statements, of it or a place merged into it */
export function nameOf(root: Place, mention: Mention | undefined): string {
  const [name] = root.registered || !mention ? root.names : [mention];
  return name?.name ?? root.id;
}

/** The last change of a place by the register or by statements up to a moment, with their retractions and voids. */
function lastChange(
  touches: readonly PlaceChange[],
  timeline: readonly RecordedStatement[],
  { asOf, knownAt }: BitemporalPoint,
): PlaceContext['touched'] {
  const touched = new LastChange(touches, knownAt);
  for (const statement of timeline) if (!asOf || statement.statedAt <= asOf) touched.add(statement);
  return touched.last();
}

/** The last change of a place, as known at the given time. */
export class LastChange {
  private readonly positions = new Map<number, number>();
  private recordedAt: Instant | null = null;
  private shown: PlaceContext['touched'] | undefined;

  constructor(
    touches: readonly PlaceChange[],
    private readonly knownAt?: Instant | null,
  ) {
    for (const one of touches) this.touch(one.shard, one);
  }

  add(statement: RecordedStatement): void {
    const { shard } = statement;
    this.touch(shard, statement);
    for (const voiding of statement.marks) this.touch(shard, voiding);
    for (const retraction of statement.retractions) {
      this.touch(shard, retraction);
      for (const voiding of retraction.marks) this.touch(shard, voiding);
    }
  }

  last(): PlaceContext['touched'] {
    return (this.shown ??= { lastRecordedAt: this.recordedAt, token: formatToken(this.positions) });
  }

  private touch(shard: number, { position, recordedAt }: Pick<PlaceChange, 'position' | 'recordedAt'>): void {
    if (this.knownAt && recordedAt > this.knownAt) return;
    const isFurther = position > (this.positions.get(shard) ?? 0);
    const isLater = this.recordedAt === null || recordedAt > this.recordedAt;
    if (isFurther) this.positions.set(shard, position);
    if (isLater) this.recordedAt = recordedAt;
    if (isFurther || isLater) this.shown = undefined;
  }
}

/** The coordinates that the latest of some ordered statements reported; undefined where none did. */
const reportedOf = (seen: readonly RecordedStatement[]): Coordinates | null =>
  seen.findLast(({ reported }) => reported)?.reported ?? null;

/** A name by which a statement mentioned a place that no register knew. */
export type Mention = NonNullable<RecordedStatement['place']>;

/** The names by which statements mentioned places that no register knew, in the order of the statements; voided ones last. */
export function mentionsOf(
  timeline: readonly RecordedStatement[],
  seen: readonly RecordedStatement[],
  { knownAt }: BitemporalPoint,
): Mention[] {
  const mentions = seen.filter(({ place }) => place);
  const those =
    mentions.length > 0
      ? mentions
      : timeline
          .filter(({ place, recordedAt }) => place && (!knownAt || recordedAt <= knownAt))
          .toSorted(compareStatements);
  return those.map(({ place }) => place!);
}

const asAlias = (name: Toponym): Toponym => ({ ...name, kind: 'alias' });

const distinctCodes = (codes: readonly PlaceCode[]) =>
  codes.filter((code, at) => codes.findIndex((one) => isSameCode(one, code)) === at);

const distinct = (names: readonly Toponym[]) =>
  names.filter((name, at) => names.findIndex((one) => isSameName(one, name)) === at);

/** The names, and those by which statements mentioned the place where they are other names, not only other spellings. */
function withMentions(names: readonly Toponym[], mentions: readonly Mention[]): Toponym[] {
  const seen = new Set(names.map(({ name }) => nameKey(name)));
  return [
    ...names,
    ...mentions
      .filter(({ name }) => !seen.has(nameKey(name)) && seen.add(nameKey(name)))
      .map(({ name }) => asAlias({ name })),
  ];
}

/** Names with the same key are spellings of one name. */
export const nameKey = memoize(fold);
