import { retractedAt, type Flag, type HolderState, type Interval, type BitemporalPoint } from './derive.js';
import type { LocationState } from './location-state.js';
import { compare, isVoided, type RecordedStatement } from '../events/recorded-statement.js';
import type { Status } from './standing.js';
import type { Instant } from '../values/time.js';

/** The status and holders of a place at one moment of its history: `unclaimed`, without holders, before the first statement. */
export interface StatusAndHolders {
  status: Status;
  holders: string[];
}

/** A change of a place's status or holders, by the time at which it was stated. */
export interface Change {
  at: Instant;
  from: StatusAndHolders;
  to: StatusAndHolders & { rule: string };
  /** The event that caused it. */
  eventId: string;
}

const BEFORE_ANY_STATEMENT: StatusAndHolders = { status: 'unclaimed', holders: [] };

/** The changes in a history, oldest first. A first interval that is `unclaimed` is not a change. */
export function changesOf(history: readonly Interval[]): Change[] {
  return history.flatMap(({ from: at, status, rule, holders, eventId }, n) => {
    const before = history[n - 1] ?? BEFORE_ANY_STATEMENT;
    const from = { status: before.status, holders: before.holders };
    return from.status === status && isSame(from.holders, holders)
      ? []
      : [{ at, from, to: { status, rule, holders }, eventId }];
  });
}

const isSame = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, at) => one === b[at]);

/** How a statement stands at a moment: not yet stated or not yet known; counting; retracted; or voided as a mistake. */
export const VISIBILITIES = ['unseen', 'counts', 'retracted', 'voided'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export function visibilityOf(statement: RecordedStatement, { asOf, knownAt }: BitemporalPoint): Visibility {
  if ((asOf && statement.statedAt > asOf) || (knownAt && statement.recordedAt > knownAt)) return 'unseen';
  if (isVoided(statement.marks, knownAt)) return 'voided';
  return retractedAt(statement, { asOf, knownAt }) === undefined ? 'counts' : 'retracted';
}

/** The same thing at two moments; null where it was not there. */
export interface Pair<T> {
  a: T | null;
  b: T | null;
}

/** The differences between the states of a place at two moments; null and empty lists where there are none. */
export interface Difference {
  status: Pair<Pick<LocationState, 'status' | 'rule' | 'since'>> | null;
  control: (Pair<Pick<HolderState, 'standing' | 'rule' | 'extent'>> & { holder: string })[];
  flags: (Pair<Pick<Flag, 'assertedBy' | 'deniedBy'>> & { flag: Flag['flag']; holder: string | null })[];
}

export function differenceOf(a: LocationState | null, b: LocationState | null): Difference {
  const status = pair(a, b, ({ status, rule, since }) => ({ status, rule, since }));
  return {
    status: differs(status) ? status : null,
    control: pairs(
      a?.control,
      b?.control,
      ({ holder }) => holder,
      ({ standing, rule, extent }) => ({ standing, rule, extent }),
    ).map(({ one, ...pair }) => ({ holder: one.holder, ...pair })),
    flags: pairs(
      a?.flags,
      b?.flags,
      ({ flag, holder }) => `${flag} ${holder ?? ''}`,
      ({ assertedBy, deniedBy }) => ({ assertedBy, deniedBy }),
    ).map(({ one, ...pair }) => ({ flag: one.flag, holder: one.holder, ...pair })),
  };
}

const pair = <T, S>(a: T | null | undefined, b: T | null | undefined, shown: (one: T) => S): Pair<S> => ({
  a: a ? shown(a) : null,
  b: b ? shown(b) : null,
});

const differs = ({ a, b }: Pair<unknown>): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** The items, by key, that only one of two lists has, or that the two show differently. */
function pairs<T, S>(
  a: readonly T[] = [],
  b: readonly T[] = [],
  keyOf: (one: T) => string,
  shown: (one: T) => S,
): (Pair<S> & { one: T })[] {
  const [first, second] = [a, b].map((list) => new Map(list.map((one) => [keyOf(one), one])));
  return [...new Map([...first!, ...second!])]
    .toSorted(([x], [y]) => compare(x, y))
    .map(([key, one]) => ({ one, ...pair(first!.get(key), second!.get(key), shown) }))
    .filter(differs);
}
