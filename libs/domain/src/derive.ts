import { Board } from './board.js';
import { raise, type FlagName, type Raised } from './flags.js';
import { lasting } from './lasting.js';
import { isHold, read, type Reading } from './reading.js';
import { isUnknown, type Ruleset, type SideKey } from './ruleset.js';
import { compare, inOrder, isVoided, type Said } from './said.js';
import type { Extent } from './statement.js';
import {
  isOpen,
  questions,
  standings,
  statusOf,
  type HolderStanding,
  type Standing,
  type Status,
} from './standing.js';
import type { Instant } from './time.js';

/** The two times of a question: only what was stated by `asOf` and recorded by `knownAt` counts. Null: no limit. */
export interface Vantage {
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

export const SHOWN = 50;

/** The outcome at one moment alone, without the history before it. */
export type Standings = Omit<Derived, 'history' | 'since'>;

/**
 * The state of a place and its history.
 * @param timeline every statement recorded about the place, in any order; of places merged into it too
 * @param provisional whether the place is unresolved: raises the flag of that name, and `ambiguous`
 */
export function derive(
  timeline: readonly Said[],
  ruleset: Ruleset,
  vantage: Vantage = {},
  provisional = false,
): Derived {
  return deriveSeen(visible(timeline, vantage), ruleset, vantage, provisional);
}

/** As `derive`, of the statements that the vantage sees. */
export function deriveSeen(
  seen: readonly Said[],
  ruleset: Ruleset,
  vantage: Vantage,
  provisional: boolean,
): Derived {
  const stated = seen.map((said) => read(said, ruleset));
  const board = new Board();
  const history: Interval[] = [];
  const namer = naming(stated, ruleset);

  const all = happenings(stated, vantage);
  for (const [at, { statedAt, eventId, says, unsays }] of all.entries()) {
    if (says) board.say(says);
    if (unsays) board.unsay(unsays);
    // Statements of one instant count together, and the last of them begins the interval.
    if (all[at + 1]?.statedAt === statedAt) continue;
    if (!board.settle() && history.length > 0) continue;
    const standing = standings(questions(board.stances(), 'control'), board, ruleset);
    const { status, rule } = statusOf(standing);
    const open = standing
      .filter(isOpen)
      .map(({ holder }) => namer(holder))
      .toSorted(compare);
    const last = history.at(-1);
    if (last && last.status === status && same(last.holders, open)) continue;
    if (last) last.to = statedAt;
    history.push({ from: statedAt, to: null, status, rule, holders: open, eventId });
  }
  const counted = counting(stated, vantage);
  return {
    ...settled({ stated, origins: originsOf(stated), namer }, counted, board, ruleset, provisional),
    since: history.at(-1)?.from ?? null,
    history,
  };
}

/** As `deriveSeen`, for the moment alone: it skips the statuses before it, which are most of the work. */
export function deriveMoment(
  seen: readonly Said[],
  ruleset: Ruleset,
  vantage: Vantage,
  provisional: boolean,
): Standings {
  const stated = seen.map((said) => read(said, ruleset));
  return momentOf(
    { stated, candidates: stated, origins: originsOf(stated), namer: naming(stated, ruleset) },
    ruleset,
    vantage,
    provisional,
  );
}

/** The statements that count at a vantage, in the total order, as needed for a state. */
export interface Stated {
  stated: readonly Reading[];
  /** Those that the state can rest on, without those that later ones set aside; retracted ones may be among them. */
  candidates: readonly Reading[];
  /** The number of their origins. */
  origins: number;
  /** How sides are shown. */
  namer: (side: SideKey) => string;
}

/** The outcome of the statements. */
export function momentOf(all: Stated, ruleset: Ruleset, vantage: Vantage, provisional: boolean): Standings {
  const counted = lasting(counting(all.candidates, vantage));
  const board = new Board();
  for (const reading of counted) if (reading.weight === 'effect') board.say(reading);
  return settled(all, counted, board, ruleset, provisional);
}

/** Without retracted statements. */
const counting = (stated: readonly Reading[], vantage: Vantage): Reading[] =>
  stated.filter(({ said }) => said.retractions.length === 0 || retractedAt(said, vantage) === undefined);

/** The outcome of a board to which every statement that counts has been added. */
function settled(
  { stated, origins, namer }: Omit<Stated, 'candidates'>,
  counted: readonly Reading[],
  board: Board,
  ruleset: Ruleset,
  provisional: boolean,
): Standings {
  const asked = questions(board.stances());
  const holders = standings(asked, board, ruleset);
  const flags = raise(counted, asked, board).map((raised) => flagOf(raised, namer));
  if (provisional) flags.push(...unresolved(stated));
  return {
    ...statusOf(holders),
    control: holders
      .map((holder) => holderState(holder, namer, ruleset))
      .toSorted((a, b) => compare(a.holder, b.holder)),
    flags: flags.toSorted((a, b) => compare(a.flag, b.flag) || compare(a.holder ?? '', b.holder ?? '')),
    statements: stated.length,
    origins,
    firstStatedAt: stated[0]?.said.statedAt ?? null,
    lastStatedAt: stated.at(-1)?.said.statedAt ?? null,
  };
}

const originsOf = (stated: readonly Reading[]): number => new Set(stated.map(({ origin }) => origin)).size;

/** The statements that a vantage sees and no void takes away, in the total order; retracted ones are among them. */
export function visible(timeline: readonly Said[], { asOf, knownAt }: Vantage): Said[] {
  const seen = timeline.filter(
    (said) =>
      (!asOf || said.statedAt <= asOf) &&
      (!knownAt || said.recordedAt <= knownAt) &&
      !isVoided(said.marks, knownAt),
  );
  return seen.sort(inOrder);
}

/** The retractions of a statement that the vantage sees and no void takes away. */
export const retractionsOf = ({ retractions }: Said, { asOf, knownAt }: Vantage) =>
  retractions.filter(
    (one) =>
      (!asOf || one.statedAt <= asOf) &&
      (!knownAt || one.recordedAt <= knownAt) &&
      !isVoided(one.marks, knownAt),
  );

/** The time from which a retracted statement no longer counts; undefined if it is not retracted. */
export function retractedAt(said: Said, vantage: Vantage): Instant | undefined {
  if (said.retractions.length === 0) return undefined;
  return retractionsOf(said, vantage)
    .map(({ statedAt }) => statedAt)
    .toSorted(compare)[0];
}

/** A statement or a retraction, with what it adds to the board or removes from it, if anything. */
interface Happening {
  statedAt: Instant;
  publishedAt: Instant;
  statementId: string;
  eventId: string;
  says?: Reading | undefined;
  unsays?: Reading | undefined;
}

/** The statements and retractions, in the total order. */
function happenings(stated: readonly Reading[], vantage: Vantage): Happening[] {
  const all: Happening[] = [];
  let retracted = false;
  for (const reading of stated) {
    const { said } = reading;
    const { statedAt, publishedAt, statementId, eventId } = said;
    const gone = retractedAt(said, vantage);
    const effect =
      reading.weight === 'effect' && (gone === undefined || gone > statedAt) ? reading : undefined;
    all.push({ statedAt, publishedAt, statementId, eventId, says: effect });
    if (gone === undefined) continue;
    retracted = true;
    // The first retraction removes the statement; later ones change nothing.
    let unsays = effect;
    for (const one of retractionsOf(said, vantage).toSorted((a, b) => compare(a.statedAt, b.statedAt))) {
      all.push({
        statedAt: one.statedAt,
        publishedAt: one.publishedAt,
        statementId: one.retractionId,
        eventId: one.eventId,
        unsays,
      });
      unsays = undefined;
    }
  }
  // Statements are in order; retractions are merged in.
  return retracted ? all.sort(inOrder) : all;
}

/** How sides are shown: by the ruleset's id; an unknown party as it was first given; an independent by its origin. */
export function naming(stated: readonly Reading[], ruleset: Ruleset): (side: SideKey) => string {
  let names: Map<SideKey, string> | undefined;
  return (side) => {
    if (side.startsWith('side:')) return side.slice('side:'.length);
    if (!isUnknown(side)) return side;
    names ??= firstGiven(stated, ruleset);
    return names.get(side) ?? side;
  };
}

/** The names of unknown parties, as they were first given. */
function firstGiven(stated: readonly Reading[], ruleset: Ruleset): Map<SideKey, string> {
  const names = new Map<SideKey, string>();
  for (const { said } of stated)
    for (const given of [said.party, said.actor]) {
      if (given === undefined) continue;
      const { side, id, known } = ruleset.party(given);
      if (!known && !names.has(side)) names.set(side, id);
    }
  return names;
}

function holderState(
  { holder, standing, rule, positions, concededBy }: HolderStanding,
  namer: (side: SideKey) => string,
  ruleset: Ruleset,
): HolderState {
  const live = positions.flatMap((position) => position.live).toSorted(newestFirst);
  const asserted = live.filter(({ sign }) => sign > 0);
  const denied = live.filter(({ sign }) => sign < 0);
  const hold = live.find(({ said }) => said.stance === 'assert' && isHold(said));
  const more = [asserted, denied, concededBy].reduce(
    (sum, list) => sum + Math.max(0, list.length - SHOWN),
    0,
  );
  const show = (list: readonly Reading[]) =>
    list.slice(0, SHOWN).map((reading) => evidence(reading, namer, ruleset));
  return {
    holder: namer(holder),
    known: !isUnknown(holder),
    actors: [...new Set(live.map(({ said }) => ruleset.party(said.actor!).id))].toSorted(compare),
    standing,
    rule,
    extent: hold?.said.extent ?? null,
    assertedBy: show(asserted),
    deniedBy: show(denied),
    concededBy: show(concededBy.toSorted(newestFirst)),
    ...(more > 0 && { more }),
  };
}

const evidence = ({ said, side }: Reading, namer: (side: SideKey) => string, ruleset: Ruleset): Evidence => ({
  side: namer(side),
  party: said.party === undefined ? null : ruleset.party(said.party).id,
  speaker: said.name ?? null,
  statedAt: said.statedAt,
  statementId: said.statementId,
  eventId: said.eventId,
});

function flagOf(
  { flag, holder, asserting, denying, evidence }: Raised,
  namer: (side: SideKey) => string,
): Flag {
  return {
    flag,
    holder: holder && namer(holder),
    assertedBy: asserting.map(namer).toSorted(compare),
    deniedBy: denying.map(namer).toSorted(compare),
    ...shown(evidence),
  };
}

/** The flags of an unresolved place. */
function unresolved(stated: readonly Reading[]): Flag[] {
  const flag = (name: FlagName, readings: readonly Reading[]): Flag => ({
    flag: name,
    holder: null,
    assertedBy: [],
    deniedBy: [],
    ...shown(readings),
  });
  const ambiguous = stated.filter(({ said }) => said.candidates);
  if (ambiguous.length === 0) return [flag('provisional', stated)];
  const candidates = [...new Set(ambiguous.flatMap(({ said }) => said.candidates!))]
    .toSorted(compare)
    .slice(0, SHOWN);
  return [flag('provisional', stated), { ...flag('ambiguous', ambiguous), candidates }];
}

function shown(readings: readonly Reading[]): { evidence: string[]; more?: number } {
  const evidence = readings
    .toSorted(newestFirst)
    .slice(0, SHOWN)
    .map(({ said }) => said.eventId);
  return readings.length > SHOWN ? { evidence, more: readings.length - SHOWN } : { evidence };
}

const newestFirst = (a: Reading, b: Reading) => inOrder(b.said, a.said);

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, at) => item === b[at]);
