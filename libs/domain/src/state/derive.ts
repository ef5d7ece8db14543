import { LiveStances } from './live-stances.js';
import { sortShort } from './sort-short.js';
import { raiseFlags, type FlagName, type RaisedFlag } from './flags.js';
import { pruneSuperseded } from './prune-superseded.js';
import { isHold, interpret, type Interpretation } from './interpretation.js';
import { isUnknown, type Ruleset, type SideKey } from '../ruleset.js';
import {
  compare,
  compareStatements,
  isVoided,
  type RecordedStatement,
} from '../events/recorded-statement.js';
import type { Extent } from '../statement/statement.js';
import {
  isOpen,
  facetClaims,
  standings,
  statusOf,
  type HolderStanding,
  type Standing,
  type Status,
} from './standing.js';
import type { Instant } from '../values/time.js';

/** The two times of a question: only what was stated by `asOf` and recorded by `knownAt` counts. Null: no limit. */
export interface BitemporalPoint {
  asOf?: Instant | null;
  knownAt?: Instant | null;
}

/** A statement named as evidence. */
export interface Evidence {
  side: string;
  party: string | null;
  speaker: string | null;
  statedAt: Instant;
  statementId: string;
  eventId: string;
}

export interface HolderState {
  holder: string;
  /** Whether the ruleset knows the party; if not, it may be a misspelling. */
  known: boolean;
  actors: string[];
  standing: Standing;
  rule: string;
  extent: Extent | null;
  assertedBy: Evidence[];
  deniedBy: Evidence[];
  /** The concessions of adversaries, where the standing rests on them. */
  concededBy: Evidence[];
  /** How many statements the lists above leave out: each shows the newest 50. */
  more?: number;
}

export interface Flag {
  flag: FlagName;
  holder: string | null;
  assertedBy: string[];
  deniedBy: string[];
  evidence: string[];
  /** Of `ambiguous`: the registered places that the statements may be about, the first 50. */
  candidates?: string[];
  more?: number;
}

/** One interval of a place's history, by the times of the statements. `to` is null for the last. */
export interface Interval {
  from: Instant;
  to: Instant | null;
  status: Status;
  rule: string;
  holders: string[];
  eventId: string;
}

/** The outcome of the statements about one place: a pure function of them, the ruleset and the two times of the question. */
export interface Derived {
  status: Status;
  rule: string;
  since: Instant | null;
  control: HolderState[];
  flags: Flag[];
  history: Interval[];
  statements: number;
  origins: number;
  firstStatedAt: Instant | null;
  lastStatedAt: Instant | null;
}

const MAX_EVIDENCE = 50;

/** The outcome at one moment alone, without the history before it. */
export type Standings = Omit<Derived, 'history' | 'since'>;

/**
 * The state of a place and its history.
 * @param timeline every statement recorded about the place, in any order; of places merged into it too
 * @param provisional whether the place is unresolved: raises the flag of that name, and `ambiguous`
 */
export function derive(
  timeline: readonly RecordedStatement[],
  ruleset: Ruleset,
  point: BitemporalPoint = {},
  provisional = false,
): Derived {
  return deriveSeen(visible(timeline, point), ruleset, point, provisional);
}

/** As `derive`, of the statements that the point sees. */
export function deriveSeen(
  seen: readonly RecordedStatement[],
  ruleset: Ruleset,
  point: BitemporalPoint,
  provisional: boolean,
): Derived {
  const stated = seen.map((statement) => interpret(statement, ruleset));
  const namer = naming(stated, ruleset);
  const course = new Course(namer, ruleset);
  for (const entry of timelineEntries(stated, point)) course.add(entry);
  const history = course.intervals();
  return {
    ...settled(
      { stated, origins: originsOf(stated), namer },
      counting(stated, point),
      course.stances,
      ruleset,
      provisional,
    ),
    since: history.at(-1)?.from ?? null,
    history,
  };
}

/** The statuses that a place has had. Entries are added in the total order. */
export class Course {
  readonly stances = new LiveStances();
  /** The last entry. */
  last: TimelineEntry | undefined;
  private readonly history: Interval[] = [];
  private isSettled = true;

  constructor(
    private readonly namer: (side: SideKey) => string,
    private readonly ruleset: Ruleset,
  ) {}

  add(entry: TimelineEntry): void {
    // Statements of one instant count together, and the last of them begins the interval.
    if (this.last?.statedAt !== entry.statedAt) this.settle();
    if (entry.adds) this.stances.add(entry.adds);
    if (entry.removes) this.stances.remove(entry.removes);
    this.last = entry;
    this.isSettled = false;
  }

  /** The intervals so far. An interval is never changed: where it ends, another one takes its place. */
  intervals(): Interval[] {
    this.settle();
    return [...this.history];
  }

  private settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { history, stances } = this;
    const { statedAt, eventId } = this.last!;
    // More has been said at an instant that was settled before.
    const isAgain = history.at(-1)?.from === statedAt;
    if (isAgain) {
      history.pop();
      this.endLast(null);
    }
    if (!stances.settle() && history.length > 0 && !isAgain) return;
    const standing = standings(facetClaims(stances.stances(), 'control'), stances, this.ruleset);
    const { status, rule } = statusOf(standing);
    const holders: string[] = [];
    for (const one of standing) if (isOpen(one)) holders.push(this.namer(one.holder));
    sortShort(holders, compare);
    const last = history.at(-1);
    if (last && last.status === status && same(last.holders, holders)) return;
    this.endLast(statedAt);
    history.push({ from: statedAt, to: null, status, rule, holders, eventId });
  }

  private endLast(to: Instant | null): void {
    const last = this.history.pop();
    if (last) this.history.push({ ...last, to });
  }
}

/** As `deriveSeen`, for the moment alone: it skips the statuses before it, which are most of the work. */
export function deriveMoment(
  seen: readonly RecordedStatement[],
  ruleset: Ruleset,
  point: BitemporalPoint,
  provisional: boolean,
): Standings {
  const stated = seen.map((statement) => interpret(statement, ruleset));
  return momentOf(
    { stated, candidates: stated, origins: originsOf(stated), namer: naming(stated, ruleset) },
    ruleset,
    point,
    provisional,
  );
}

/** The statements that count at a point, in the total order, as needed for a state. */
export interface VisibleStatements {
  stated: readonly Interpretation[];
  /** Those that the state can rest on, without those that later ones set aside; retracted ones may be among them. */
  candidates: readonly Interpretation[];
  /** The number of their origins. */
  origins: number;
  /** How sides are shown. */
  namer: (side: SideKey) => string;
}

/** The outcome of the statements. */
export function momentOf(
  all: VisibleStatements,
  ruleset: Ruleset,
  point: BitemporalPoint,
  provisional: boolean,
): Standings {
  const counted = pruneSuperseded(counting(all.candidates, point));
  const stances = new LiveStances();
  for (const interpretation of counted) if (interpretation.weight === 'effect') stances.add(interpretation);
  return settled(all, counted, stances, ruleset, provisional);
}

/** Without retracted statements. */
export const counting = (stated: readonly Interpretation[], point: BitemporalPoint): Interpretation[] =>
  stated.filter(
    ({ statement }) => statement.retractions.length === 0 || retractedAt(statement, point) === undefined,
  );

/** The outcome of the live stances to which every statement that counts has been added. */
export function settled(
  { stated, origins, namer }: Omit<VisibleStatements, 'candidates'>,
  counted: readonly Interpretation[],
  stances: LiveStances,
  ruleset: Ruleset,
  provisional: boolean,
): Standings {
  const claims = facetClaims(stances.stances());
  const holders = standings(claims, stances, ruleset);
  const flags = raiseFlags(counted, claims, stances).map((raised) => flagOf(raised, namer));
  if (provisional) flags.push(...unresolved(stated));
  return {
    ...statusOf(holders),
    control: sortShort(
      holders.map((holder) => holderState(holder, namer, ruleset)),
      byHolder,
    ),
    flags: sortShort(flags, byFlagAndHolder),
    statements: stated.length,
    origins,
    firstStatedAt: stated[0]?.statement.statedAt ?? null,
    lastStatedAt: stated.at(-1)?.statement.statedAt ?? null,
  };
}

const byHolder = (a: HolderState, b: HolderState): number => compare(a.holder, b.holder);
const byFlagAndHolder = (a: Flag, b: Flag): number =>
  compare(a.flag, b.flag) || compare(a.holder ?? '', b.holder ?? '');

const originsOf = (stated: readonly Interpretation[]): number =>
  new Set(stated.map(({ origin }) => origin)).size;

/** The statements that a point sees and no void takes away, in the total order; retracted ones are among them. */
export function visible(
  timeline: readonly RecordedStatement[],
  { asOf, knownAt }: BitemporalPoint,
): RecordedStatement[] {
  const seen = timeline.filter(
    (statement) =>
      (!asOf || statement.statedAt <= asOf) &&
      (!knownAt || statement.recordedAt <= knownAt) &&
      (statement.marks.length === 0 || !isVoided(statement.marks, knownAt)),
  );
  return sortShort(seen, compareStatements);
}

/** The retractions of a statement that the point sees and no void takes away. */
export const retractionsOf = ({ retractions }: RecordedStatement, { asOf, knownAt }: BitemporalPoint) =>
  retractions.filter(
    (one) =>
      (!asOf || one.statedAt <= asOf) &&
      (!knownAt || one.recordedAt <= knownAt) &&
      !isVoided(one.marks, knownAt),
  );

/** The time from which a retracted statement no longer counts; undefined if it is not retracted. */
export function retractedAt(statement: RecordedStatement, point: BitemporalPoint): Instant | undefined {
  if (statement.retractions.length === 0) return undefined;
  return retractionsOf(statement, point)
    .map(({ statedAt }) => statedAt)
    .toSorted(compare)[0];
}

/** A statement or a retraction, with what it adds to the live stances or removes from them, if anything. */
export interface TimelineEntry {
  statedAt: Instant;
  publishedAt: Instant;
  statementId: string;
  eventId: string;
  adds?: Interpretation | undefined;
  removes?: Interpretation | undefined;
}

/** The statements and retractions, in the total order. */
export function timelineEntries(stated: readonly Interpretation[], point: BitemporalPoint): TimelineEntry[] {
  const all: TimelineEntry[] = [];
  let retracted = false;
  for (const interpretation of stated) {
    const { statement } = interpretation;
    const { statedAt, publishedAt, statementId, eventId } = statement;
    const gone = retractedAt(statement, point);
    const effect =
      interpretation.weight === 'effect' && (gone === undefined || gone > statedAt)
        ? interpretation
        : undefined;
    all.push({ statedAt, publishedAt, statementId, eventId, adds: effect });
    if (gone === undefined) continue;
    retracted = true;
    // The first retraction removes the statement; later ones change nothing.
    let removes = effect;
    for (const one of retractionsOf(statement, point).toSorted((a, b) => compare(a.statedAt, b.statedAt))) {
      all.push({
        statedAt: one.statedAt,
        publishedAt: one.publishedAt,
        statementId: one.retractionId,
        eventId: one.eventId,
        removes,
      });
      removes = undefined;
    }
  }
  // Statements are in order; retractions are merged in.
  return retracted ? all.sort(compareStatements) : all;
}

/**
 * How sides are shown: by the ruleset's id; an unknown party as it was first given; an independent by its origin.
 * @param stated in the total order; it may grow at its end
 */
export function naming(stated: readonly Interpretation[], ruleset: Ruleset): (side: SideKey) => string {
  const names = new Map<SideKey, string>();
  let read = 0;
  return (side) => {
    if (side.startsWith('side:')) return side.slice('side:'.length);
    if (!isUnknown(side)) return side;
    for (; !names.has(side) && read < stated.length; read++)
      for (const given of [stated[read]!.statement.party, stated[read]!.statement.actor]) {
        if (given === undefined) continue;
        const party = ruleset.party(given);
        if (!party.known && !names.has(party.side)) names.set(party.side, party.id);
      }
    return names.get(side) ?? side;
  };
}

function holderState(
  { holder, standing, rule, positions, concededBy }: HolderStanding,
  namer: (side: SideKey) => string,
  ruleset: Ruleset,
): HolderState {
  const live: Interpretation[] = [];
  for (const position of positions) for (const one of position.live) live.push(one);
  sortShort(live, newestFirst);
  const asserted: Interpretation[] = [];
  const denied: Interpretation[] = [];
  const actors: string[] = [];
  for (const one of live) {
    (one.sign > 0 ? asserted : denied).push(one);
    const { id } = ruleset.party(one.statement.actor!);
    if (!actors.includes(id)) actors.push(id);
  }
  const hold = live.find(({ statement }) => statement.stance === 'assert' && isHold(statement));
  const more = beyond(asserted) + beyond(denied) + beyond(concededBy);
  const show = (list: readonly Interpretation[]) =>
    list.slice(0, MAX_EVIDENCE).map((interpretation) => evidence(interpretation, namer, ruleset));
  return {
    holder: namer(holder),
    known: !isUnknown(holder),
    actors: sortShort(actors, compare),
    standing,
    rule,
    extent: hold?.statement.extent ?? null,
    assertedBy: show(asserted),
    deniedBy: show(denied),
    concededBy: show(sortShort([...concededBy], newestFirst)),
    ...(more > 0 && { more }),
  };
}

/** How many of a list are not shown. */
const beyond = ({ length }: readonly Interpretation[]): number => Math.max(0, length - MAX_EVIDENCE);

const evidence = (
  { statement, side }: Interpretation,
  namer: (side: SideKey) => string,
  ruleset: Ruleset,
): Evidence => ({
  side: namer(side),
  party: statement.party === undefined ? null : ruleset.party(statement.party).id,
  speaker: statement.name ?? null,
  statedAt: statement.statedAt,
  statementId: statement.statementId,
  eventId: statement.eventId,
});

function flagOf(
  { flag, holder, asserting, denying, evidence }: RaisedFlag,
  namer: (side: SideKey) => string,
): Flag {
  return {
    flag,
    holder: holder && namer(holder),
    assertedBy: sortShort(asserting.map(namer), compare),
    deniedBy: sortShort(denying.map(namer), compare),
    ...shown(sortShort([...evidence], newestFirst), evidence.length),
  };
}

/** The flags of an unresolved place. @param stated in the total order */
function unresolved(stated: readonly Interpretation[]): Flag[] {
  const flag = (name: FlagName, interpretations: readonly Interpretation[]): Flag => ({
    flag: name,
    holder: null,
    assertedBy: [],
    deniedBy: [],
    ...shown(interpretations.slice(-MAX_EVIDENCE).reverse(), interpretations.length),
  });
  const ambiguous = stated.filter(({ statement }) => statement.candidates);
  if (ambiguous.length === 0) return [flag('provisional', stated)];
  const candidates = [...new Set(ambiguous.flatMap(({ statement }) => statement.candidates!))]
    .toSorted(compare)
    .slice(0, MAX_EVIDENCE);
  return [flag('provisional', stated), { ...flag('ambiguous', ambiguous), candidates }];
}

/** @param newest the newest first @param count how many there are with those that are not shown */
function shown(newest: readonly Interpretation[], count: number): { evidence: string[]; more?: number } {
  const evidence = newest.slice(0, MAX_EVIDENCE).map(({ statement }) => statement.eventId);
  return count > MAX_EVIDENCE ? { evidence, more: count - MAX_EVIDENCE } : { evidence };
}

const newestFirst = (a: Interpretation, b: Interpretation) => compareStatements(b.statement, a.statement);

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, at) => item === b[at]);
