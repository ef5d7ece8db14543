import type { FlagName, Instant, LocationState } from '#libs/domain';

type Control = LocationState['control'];

/** A claim to control as a map shows it: the holder, and the sides that say so, deny it or concede it. */
export interface StandingSummary {
  holder: string;
  known: boolean;
  standing: Control[number]['standing'];
  claiming: string[];
  denying: string[];
  conceding: string[];
}

/** A flag as a map shows it. `holder` is null where it is about the place as such. */
export interface FlagSummary {
  flag: FlagName;
  holder: string | null;
  asserting: string[];
  denying: string[];
}

/** A state without its evidence: many places have the same. */
export interface StateSummary {
  control: StandingSummary[];
  flags: FlagSummary[];
  /** When a statement that one of the standings rests on was last stated; null where there is none. */
  lastSaidAt: Instant | null;
}

export const summaryOf = ({ control, flags }: Pick<LocationState, 'control' | 'flags'>): StateSummary => ({
  control: control.map((one) => ({
    holder: one.holder,
    known: one.known,
    standing: one.standing,
    claiming: sidesOf(one.assertedBy),
    denying: sidesOf(one.deniedBy),
    conceding: sidesOf(one.concededBy),
  })),
  flags: flags.map(({ flag, holder, assertedBy, deniedBy }) => ({
    flag,
    holder,
    asserting: assertedBy,
    denying: deniedBy,
  })),
  lastSaidAt: lastSaid(control),
});

const sidesOf = (evidence: Control[number]['assertedBy']): string[] =>
  [...new Set(evidence.map(({ side }) => side))].sort();

function lastSaid(control: Control): Instant | null {
  let last: Instant | null = null;
  for (const { assertedBy, deniedBy, concededBy } of control)
    for (const evidence of [assertedBy, deniedBy, concededBy])
      for (const { statedAt } of evidence) if (last === null || statedAt > last) last = statedAt;
  return last;
}
