import type { FlagName, LocationState, Ruleset, Status } from '#libs/domain';

// The filters of lists, as one array of tags with one index.

export const statusTag = (status: Status): string => `status:${status}`;
export const flagTag = (flag: FlagName): string => `flag:${flag}`;
/** A side, by its own id or name or by those of a party of it. */
export const holderTag = (side: string, ruleset: Ruleset): string => `holder:${ruleset.party(side).side}`;

/** The tags of a state, sorted. */
export const tagsOf = ({ status, flags, control }: LocationState, ruleset: Ruleset): string[] =>
  [
    ...new Set([
      statusTag(status),
      ...flags.map(({ flag }) => flagTag(flag)),
      ...control.map(({ holder }) => holderTag(holder, ruleset)),
    ]),
  ].sort();
