import type { Coordinates } from './place-reference.js';
import { momentOf, naming, visible } from './derive.js';
import { lasting } from './lasting.js';
import {
  mentionsOf,
  nameKey,
  stateOf,
  Touched,
  type Dossier,
  type LocationState,
  type Mention,
} from './location-state.js';
import { isFirm, read, type Reading } from './reading.js';
import type { Ruleset } from './ruleset.js';
import { inOrder } from './said.js';
import type { Instant } from './time.js';

const STRIDE = 64;

/**
 * A place about which much was said, made ready to be asked about many moments, as far as everything is known by now. Along
 * its timeline there are marks with the statements that a state at the mark or later can rest on: to answer for a moment
 * takes these, and the few that were stated since.
 */
export class Course {
  /** When each statement was stated, and by then where the place had been touched last; those that are voided among them. */
  private readonly touched: { statedAt: Instant; last: ReturnType<Touched['last']> }[] = [];
  /** When the statement was stated that an event made or took back. */
  private readonly statedAt = new Map<string, Instant>();
  /** The statements that count, in the total order. */
  private readonly stated: Reading[];
  /** Of each statement that is the first of its origin, how many were before it. */
  private readonly firstOfOrigin: number[] = [];
  /** The first mention by each name, and how many statements were before it. */
  private readonly mentions: { mention: Mention; at: number }[] = [];
  /** Of the first none, `stride`, twice as many ... statements those that matter from there on. */
  private readonly marks: (readonly Reading[])[] = [[]];
  private readonly namer: ReturnType<typeof naming>;
  /** Where statements reported the place to be, and how many statements were before each. */
  private readonly reports: { reported: Coordinates; at: number }[] = [];
  private readonly before: { last: ReturnType<Touched['last']>; mentions: Mention[] };

  /** @param stride how many statements there are from one mark to the next */
  constructor(
    private readonly dossier: Dossier,
    private readonly ruleset: Ruleset,
    private readonly stride = STRIDE,
  ) {
    const { touches, timeline } = dossier;
    const touched = new Touched(touches);
    this.before = { last: touched.last(), mentions: mentionsOf(timeline, [], {}) };
    for (const said of timeline.toSorted(inOrder)) {
      touched.add(said);
      for (const { eventId } of [said, ...said.retractions]) this.statedAt.set(eventId, said.statedAt);
      this.touched.push({ statedAt: said.statedAt, last: touched.last() });
    }
    this.stated = visible(timeline, {}).map((said) => read(said, ruleset));
    const [origins, names] = [new Set<string>(), new Set<string>()];
    for (const [at, { origin, said }] of this.stated.entries()) {
      if (isNew(origins, origin)) this.firstOfOrigin.push(at);
      if (said.reported) this.reports.push({ reported: said.reported, at });
      if (said.place && isNew(names, nameKey(said.place.name)))
        this.mentions.push({ mention: said.place, at });
    }
    for (let at = stride; at <= this.stated.length; at += stride)
      this.marks.push(lasting([...this.marks.at(-1)!, ...this.stated.slice(at - stride, at)], isFirm));
    this.namer = naming(this.stated, ruleset);
  }

  /** Whether a moment sees the statement that an event made or took back. */
  sees(eventId: string, asOf: Instant | null): boolean {
    const statedAt = this.statedAt.get(eventId);
    return statedAt !== undefined && (asOf === null || statedAt <= asOf);
  }

  /** The state at a moment, as `momentState` gives it. @param since from when on the place has had its status then */
  at(asOf: Instant | null, since: Instant | null): LocationState {
    const { dossier, ruleset, stride } = this;
    const count = countUntil(this.stated, asOf, ({ said }) => said.statedAt);
    const mark = Math.floor(count / stride);
    const stated = {
      stated: this.stated.slice(0, count),
      candidates: [...this.marks[mark]!, ...this.stated.slice(mark * stride, count)],
      origins: countUntil(this.firstOfOrigin, count - 1, (at) => at),
      namer: this.namer,
    };
    const vantage = { asOf };
    const derived = momentOf(stated, ruleset, vantage, !dossier.places[0].registered);
    const mentions = this.mentions.filter(({ at }) => at < count).map(({ mention }) => mention);
    const surroundings = {
      mentions: mentions.length > 0 ? mentions : this.before.mentions,
      reported: this.reports[countUntil(this.reports, count - 1, ({ at }) => at) - 1]?.reported ?? null,
      touched:
        this.touched[countUntil(this.touched, asOf, ({ statedAt }) => statedAt) - 1]?.last ??
        this.before.last,
    };
    return stateOf(dossier, surroundings, ruleset, vantage, { ...derived, since });
  }
}

const isNew = (seen: Set<string>, key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;

/** How many of a sorted list do not lie beyond a bound; all, where there is none. */
function countUntil<T, K extends string | number>(
  list: readonly T[],
  bound: K | null,
  keyOf: (item: T) => K,
): number {
  if (bound === null) return list.length;
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(list[middle]!) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
