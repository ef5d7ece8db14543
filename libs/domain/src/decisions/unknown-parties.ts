import { refuse } from '../values/refusal.js';
import type { Ruleset } from '../ruleset.js';
import type { Claim, Utterance } from '../statement/statement.js';

/** A name given for a party that the ruleset does not know: perhaps a misspelling. */
export interface UnknownParty {
  pointer: string;
  /** As it was given. */
  name: string;
}

/** The parties and actors of a statement or a retraction that the ruleset does not know. A speaker without a party is not one. */
export function unknownParties(
  { speaker, claim }: Pick<Utterance, 'speaker'> & { claim?: Claim },
  ruleset: Ruleset,
): UnknownParty[] {
  const given = [
    { pointer: '/speaker/party', name: speaker?.party },
    { pointer: '/claim/actor', name: claim?.actor },
  ];
  return given.filter((one): one is UnknownParty => one.name !== undefined && !ruleset.party(one.name).known);
}

/** The refusal for a caller that accepts only known parties. @param unknown at least one */
export function partyUnknown(unknown: readonly UnknownParty[], { version }: Ruleset) {
  const faults = unknown.map(({ pointer, name }) => ({
    pointer,
    detail: `"${name}" is not in the ruleset ${version}`,
  }));
  return refuse(
    'party-unknown',
    faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '),
    faults,
  );
}
