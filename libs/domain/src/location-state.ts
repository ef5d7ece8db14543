import {
  deriveMoment,
  deriveSeen,
  visible,
  type Derived,
  type Flag,
  type HolderState,
  type Vantage,
} from './derive.js';
import type { Toponym } from './events.js';
import type { LocationId } from './identity.js';
import { isSameCode, isSameName, type Place, type Touch } from './place.js';
import type { Coordinates, PlaceCode } from './place-reference.js';
import type { Ruleset } from './ruleset.js';
import { compare, inOrder, type Said } from './said.js';
import type { Status } from './standing.js';
import { fold } from './fold.js';
import { remembered } from './text.js';
import type { Instant } from './time.js';
import { formatToken } from './token.js';

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
export interface Dossier {
  places: [root: Place, ...merged: Place[]];
  /** The events of the register that touched these places. */
  touches: readonly Touch[];
  timeline: readonly Said[];
}

/** The state of a place, and its history beside it. */
export function locationState(
  dossier: Dossier,
  ruleset: Ruleset,
  vantage: Vantage = {},
): { state: LocationState; history: Derived['history'] } {
  const seen = visible(dossier.timeline, vantage);
  const { history, ...derived } = deriveSeen(seen, ruleset, vantage, !dossier.places[0].registered);
  return {
    state: stateOf(dossier, surroundings(dossier, seen, vantage), ruleset, vantage, derived),
    history,
  };
}

/** The state of a place whose `since` is already known, as from its history: nothing before the moment is folded. */
export function momentState(
  dossier: Dossier,
  ruleset: Ruleset,
  vantage: Vantage,
  since: Instant | null,
): LocationState {
  const seen = visible(dossier.timeline, vantage);
  const derived = deriveMoment(seen, ruleset, vantage, !dossier.places[0].registered);
  return stateOf(dossier, surroundings(dossier, seen, vantage), ruleset, vantage, { ...derived, since });
}

/** The parts of a state that do not come from the rules. */
interface Surroundings {
  /** The names by which statements mentioned the places, in the order of the statements; a name may repeat. */
  mentions: readonly Mention[];
  /** The coordinates that the latest statement with coordinates reported. */
  reported: Coordinates | null;
  touched: Pick<LocationState, 'lastRecordedAt' | 'token'>;
}

const surroundings = (
  { touches, timeline }: Dossier,
  seen: readonly Said[],
  vantage: Vantage,
): Surroundings => ({
  mentions: mentionsOf(timeline, seen, vantage),
  reported: reportedOf(seen),
  touched: lastTouches(touches, timeline, vantage),
});

export function stateOf(
  { places: [root, ...merged] }: Dossier,
  { mentions, reported, touched }: Surroundings,
  ruleset: Ruleset,
  vantage: Vantage,
  derived: Omit<Derived, 'history'>,
): LocationState {
  const { asOf = null, knownAt = null } = vantage;
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
function lastTouches(
  touches: readonly Touch[],
  timeline: readonly Said[],
  { asOf, knownAt }: Vantage,
): Surroundings['touched'] {
  const touched = new Touched(touches, knownAt);
  for (const said of timeline) if (!asOf || said.statedAt <= asOf) touched.add(said);
  return touched.last();
}

/** The last change of a place, as known at the given time. */
export class Touched {
  private readonly positions = new Map<number, number>();
  private recordedAt: Instant | null = null;
  private shown: Surroundings['touched'] | undefined;

  constructor(
    touches: readonly Touch[],
    private readonly knownAt?: Instant | null,
  ) {
    for (const one of touches) this.touch(one.shard, one);
  }

  add(said: Said): void {
    const { shard } = said;
    this.touch(shard, said);
    for (const mark of said.marks) this.touch(shard, mark);
    for (const retraction of said.retractions) {
      this.touch(shard, retraction);
      for (const mark of retraction.marks) this.touch(shard, mark);
    }
  }

  last(): Surroundings['touched'] {
    return (this.shown ??= { lastRecordedAt: this.recordedAt, token: formatToken(this.positions) });
  }

  private touch(shard: number, { position, recordedAt }: Pick<Touch, 'position' | 'recordedAt'>): void {
    if (this.knownAt && recordedAt > this.knownAt) return;
    const isFurther = position > (this.positions.get(shard) ?? 0);
    const isLater = this.recordedAt === null || recordedAt > this.recordedAt;
    if (isFurther) this.positions.set(shard, position);
    if (isLater) this.recordedAt = recordedAt;
    if (isFurther || isLater) this.shown = undefined;
  }
}

/** The coordinates that the latest of some ordered statements reported; undefined where none did. */
const reportedOf = (seen: readonly Said[]): Coordinates | null =>
  seen.findLast(({ reported }) => reported)?.reported ?? null;

/** A name by which a statement mentioned a place that no register knew. */
export type Mention = NonNullable<Said['place']>;

/** The names by which statements mentioned places that no register knew, in the order of the statements; voided ones last. */
export function mentionsOf(
  timeline: readonly Said[],
  seen: readonly Said[],
  { knownAt }: Vantage,
): Mention[] {
  const mentions = seen.filter(({ place }) => place);
  const those =
    mentions.length > 0
      ? mentions
      : timeline
          .filter(({ place, recordedAt }) => place && (!knownAt || recordedAt <= knownAt))
          .toSorted(inOrder);
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
export const nameKey = remembered(fold);
