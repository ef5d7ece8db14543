import type { Coordinates } from '../statement/place-reference.js';
import { momentOf, naming, visible } from './derive.js';
import { pruneSuperseded } from './prune-superseded.js';
import {
  mentionsOf,
  nameKey,
  stateOf,
  LastChange,
  type PlaceHistory,
  type LocationState,
  type Mention,
} from './location-state.js';
import { isUnretracted, interpret, type Interpretation } from './interpretation.js';
import type { Ruleset } from '../ruleset.js';
import { compareStatements } from '../events/recorded-statement.js';
import type { Instant } from '../values/time.js';

const SNAPSHOT_INTERVAL = 64;

/**
 * An index over the long timeline of one place, to answer for many moments (`asOf`) by what is known now. At regular
 * intervals of the timeline it keeps the statements that a state there or later can rest on. The answer for a moment
 * needs these, and the few statements after them.
 */
export class AsOfIndex {
  /** For each statement, voided ones included: when it was stated, and the last change of the place up to it. */
  private readonly touched: { statedAt: Instant; last: ReturnType<LastChange['last']> }[] = [];
  /** By event: when the statement that it recorded or retracted was stated. */
  private readonly statedAt = new Map<string, Instant>();
  /** The statements that count, in the total order. */
  private readonly stated: Interpretation[];
  /** For each first statement of an origin, the number of statements before it. */
  private readonly firstOfOrigin: number[] = [];
  /** The first mention by each name, and the number of statements before it. */
  private readonly mentions: { mention: Mention; at: number }[] = [];
  /** Item n: of the first n × `interval` statements, those that a later state can rest on. */
  private readonly snapshots: (readonly Interpretation[])[] = [[]];
  private readonly namer: ReturnType<typeof naming>;
  /** The coordinates that statements reported, and the number of statements before each. */
  private readonly reports: { reported: Coordinates; at: number }[] = [];
  private readonly before: { last: ReturnType<LastChange['last']>; mentions: Mention[] };

  /** @param interval the number of statements from one item of `snapshots` to the next */
  constructor(
    private readonly history: PlaceHistory,
    private readonly ruleset: Ruleset,
    private readonly interval = SNAPSHOT_INTERVAL,
  ) {
    const { touches, timeline } = history;
    const touched = new LastChange(touches);
    this.before = { last: touched.last(), mentions: mentionsOf(timeline, [], {}) };
    for (const statement of timeline.toSorted(compareStatements)) {
      touched.add(statement);
      for (const { eventId } of [statement, ...statement.retractions])
        this.statedAt.set(eventId, statement.statedAt);
      this.touched.push({ statedAt: statement.statedAt, last: touched.last() });
    }
    this.stated = visible(timeline, {}).map((statement) => interpret(statement, ruleset));
    const [origins, names] = [new Set<string>(), new Set<string>()];
    for (const [at, { origin, statement }] of this.stated.entries()) {
      if (isNew(origins, origin)) this.firstOfOrigin.push(at);
      if (statement.reported) this.reports.push({ reported: statement.reported, at });
      if (statement.place && isNew(names, nameKey(statement.place.name)))
        this.mentions.push({ mention: statement.place, at });
    }
    for (let at = interval; at <= this.stated.length; at += interval)
      this.snapshots.push(
        pruneSuperseded([...this.snapshots.at(-1)!, ...this.stated.slice(at - interval, at)], isUnretracted),
      );
    this.namer = naming(this.stated, ruleset);
  }

  /** Whether the statement that an event recorded or retracted was stated by a moment. */
  sees(eventId: string, asOf: Instant | null): boolean {
    const statedAt = this.statedAt.get(eventId);
    return statedAt !== undefined && (asOf === null || statedAt <= asOf);
  }

  /** The state at a moment, as `momentState` gives it. @param since the beginning of the status that the place has then */
  at(asOf: Instant | null, since: Instant | null): LocationState {
    const { history, ruleset, interval } = this;
    const count = countUntil(this.stated, asOf, ({ statement }) => statement.statedAt);
    const snapshot = Math.floor(count / interval);
    const stated = {
      stated: this.stated.slice(0, count),
      candidates: [...this.snapshots[snapshot]!, ...this.stated.slice(snapshot * interval, count)],
      origins: countUntil(this.firstOfOrigin, count - 1, (at) => at),
      namer: this.namer,
    };
    const point = { asOf };
    const derived = momentOf(stated, ruleset, point, !history.places[0].registered);
    const mentions = this.mentions.filter(({ at }) => at < count).map(({ mention }) => mention);
    const context = {
      mentions: mentions.length > 0 ? mentions : this.before.mentions,
      reported: this.reports[countUntil(this.reports, count - 1, ({ at }) => at) - 1]?.reported ?? null,
      touched:
        this.touched[countUntil(this.touched, asOf, ({ statedAt }) => statedAt) - 1]?.last ??
        this.before.last,
    };
    return stateOf(history, context, ruleset, point, { ...derived, since });
  }
}

const isNew = (seen: Set<string>, key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;

/** The number of items of a sorted list up to a bound, inclusive; all of them without a bound. */
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
