import type { Evidence, Holder, State } from '../api/answers.js';
import { INDEPENDENTS, isIndependent } from '../api/independent.js';

/** What a side says of one holder: that it holds the place, that it does not, or that it has lost it to an adversary. */
export interface Voice {
  holder: string;
  position: 'for' | 'against' | 'concedes';
  /** Newest first. */
  evidence: Evidence[];
}

/** A column: a side with all that it says. Speakers of no side stand together in one. */
export interface SideColumn {
  side: string;
  voices: Voice[];
}

const POSITIONS = ['concedes', 'for', 'against'] as const;

/**
 * What is said about control, by who says it. A column a side, not a column a holder: what a side concedes or denies would
 * else stand in the column of its adversary, and who is silent would look as if nobody asked.
 * @param nameOf by which the columns are ordered, so that no side comes first by rank; independents come last
 */
export function sidesOf({ control }: Pick<State, 'control'>, nameOf: (side: string) => string): SideColumn[] {
  const columns = new Map<string, Voice[]>();
  const add = (holder: string, position: Voice['position'], evidence: Evidence) => {
    const side = isIndependent(evidence.side) ? INDEPENDENTS : evidence.side;
    const voices = columns.get(side) ?? [];
    columns.set(side, voices);
    const voice = voices.find((one) => one.holder === holder && one.position === position);
    if (voice === undefined) voices.push({ holder, position, evidence: [evidence] });
    else voice.evidence.push(evidence);
  };
  // A concession is against the side's own claim as well: it is shown once, as the concession.
  const conceded = new Set(
    control.flatMap(({ concededBy }) => concededBy.map(({ statementId }) => statementId)),
  );
  for (const { holder, assertedBy, deniedBy, concededBy } of control) {
    for (const one of concededBy) add(holder, 'concedes', one);
    for (const one of assertedBy) add(holder, 'for', one);
    for (const one of deniedBy) if (!conceded.has(one.statementId)) add(holder, 'against', one);
  }
  return [...columns]
    .map(([side, voices]) => ({
      side,
      voices: voices.toSorted(
        (a, b) =>
          POSITIONS.indexOf(a.position) - POSITIONS.indexOf(b.position) ||
          Number(b.holder === side) - Number(a.holder === side) ||
          compare(nameOf(a.holder), nameOf(b.holder)),
      ),
    }))
    .toSorted(
      (a, b) =>
        Number(a.side === INDEPENDENTS) - Number(b.side === INDEPENDENTS) ||
        compare(nameOf(a.side), nameOf(b.side)),
    );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many statements the lists of the holders leave out. */
export const leftOut = (control: readonly Holder[]): number =>
  control.reduce((sum, { more = 0 }) => sum + more, 0);

/** The sides whose claim to hold the place is open. */
export const openHolders = (control: readonly Holder[]): Holder[] =>
  control.filter(({ standing }) => standing !== 'withdrawn' && standing !== 'denied');
