import type { Flag } from '../api/answers.js';
import type { Phrase, PhraseValue } from '../saying/phrase.js';
import { INDEPENDENTS, isIndependent } from '../api/independent.js';

/** Flags whose sides are all those that speak, whatever they say. */
const OF_ALL = new Set(['splitSide', 'unknownParty', 'extentDisputed', 'partial', 'hinted']);

/** A flag as sentences: what is reported and by whom, and who denies it. @param nameOf the name of an independent speaker */
export function flagPhrases(
  { flag, holder, assertedBy, deniedBy }: Flag,
  nameOf: (independent: string) => string = (side) => side.slice(INDEPENDENTS.length),
): Phrase[] {
  const sides = (ids: readonly string[]): PhraseValue =>
    ids.toSorted().map((id) => (isIndependent(id) ? { name: nameOf(id) } : { party: id }));
  const of = (by: readonly string[]): Record<string, PhraseValue> => ({
    n: by.length,
    by: sides(by),
    ...(holder !== null && { holder: { party: holder } }),
  });
  const id = `flag-says.${flag}${holder === null && OF_PLACE_OR_HOLDER.has(flag) ? '-place' : ''}`;
  if (OF_ALL.has(flag)) return [{ id, values: of([...new Set([...assertedBy, ...deniedBy])]) }];
  const says: Phrase = { id, values: of(assertedBy) };
  return deniedBy.length === 0 ? [says] : [says, { id: 'flag-says.denied', values: of(deniedBy) }];
}

/** Those that may be about the place as such: hints of fighting are about no holder. */
const OF_PLACE_OR_HOLDER = new Set(['hinted', 'splitSide', 'unknownParty']);
