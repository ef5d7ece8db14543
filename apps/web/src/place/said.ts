import type { Claim, Extent, Statement } from '../api/place-answers.js';
import type { Phrase, PhraseValue } from './phrase.js';

/** A statement as a sentence: "Ukrainian military (Ukraine) denied that Ukraine lost it". */
export const saidPhrase = (said: Pick<Statement, 'claim' | 'stance' | 'speaker' | 'origin'>): Phrase => ({
  id: `said.${said.stance}${frameOf(said.claim)}`,
  values: { who: whoPhrase(said), claim: claimPhrase(said.claim) },
});

/** Hints are worded as what they are: they say less than a plain statement. */
const frameOf = ({ certainty, modality }: Claim): string =>
  certainty === 'hedged' ? '-hedged' : modality === 'conditional' ? '-conditional' : '';

/** Moves no standing: announced, conditional or hedged. */
export const isHint = ({ modality = 'actual', certainty = 'plain' }: Claim): boolean =>
  modality !== 'actual' || certainty !== 'plain';

/** Lost or withdrew, said of less than all of the place: moves no standing either. */
export const isPartialLoss = ({ claim, stance }: Pick<Statement, 'claim' | 'stance'>): boolean =>
  stance === 'assert' &&
  (claim.predicate === 'lost' || claim.predicate === 'withdrew') &&
  claim.extent !== undefined &&
  !('percent' in claim.extent && claim.extent.percent === 100 && /^>?=$/.test(claim.extent.op));

function whoPhrase({ speaker: { name, party }, origin }: Pick<Statement, 'speaker' | 'origin'>): PhraseValue {
  if (party === null) return { name: name ?? origin };
  return name === null ? { party } : { id: 'said.who', values: { name: { name }, party: { party } } };
}

/** What is claimed, as a clause: "Russia holds more than 80 % of it". */
export function claimPhrase({ predicate, actor, extent, target, modality }: Claim): Phrase {
  const by = predicate === 'fighting' && actor !== undefined ? '-by' : '';
  const isExtentApart = extent !== undefined && (predicate === 'fighting' || predicate === 'entered');
  const whom = target !== undefined && (predicate === 'encircled' || predicate === 'fighting') ? '-target' : '';
  const will = modality === 'intended' ? 'will-' : '';
  const claim: Phrase = {
    id: `claim.${will}${predicate}${by}${whom}`,
    values: {
      what: extentPhrase(isExtentApart || whom !== '' ? undefined : extent),
      ...(actor !== undefined && { actor: { party: actor } }),
      ...(target !== undefined && { target: { name: target } }),
    },
  };
  if (target !== undefined && whom === '')
    return { id: 'claim.beside', values: { claim, beside: { name: target } } };
  return extent !== undefined && (isExtentApart || whom !== '')
    ? { id: 'claim.beside', values: { claim, beside: extentPhrase(extent) } }
    : claim;
}

const SHARES: Readonly<Record<string, string>> = { '=': 'equal', '>': 'above', '>=': 'least', '<': 'below', '<=': 'most' };

/** How much of the place, as the object of a verb. */
export function extentPhrase(extent: Extent | null | undefined): Phrase {
  if (extent == null) return { id: 'what.all' };
  return 'part' in extent
    ? { id: 'what.part', values: { part: { name: extent.part } } }
    : { id: `what.${SHARES[extent.op]!}`, values: { percent: extent.percent } };
}
