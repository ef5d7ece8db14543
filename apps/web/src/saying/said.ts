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
  return name === null ? { party } : { id: 'said.who', values: { name: { name }, party: { label: party } } };
}

/** What is claimed, as a clause: "Russia holds more than 80 % of it". What the verb has no room for stands behind it. */
export function claimPhrase({ predicate, actor, extent, target, modality }: Claim): Phrase {
  const by = predicate === 'fighting' && actor !== undefined ? '-by' : '';
  const hasTarget = target !== undefined && (predicate === 'encircled' || predicate === 'fighting');
  const hasExtent = !hasTarget && predicate !== 'fighting' && predicate !== 'entered';
  const claim: Phrase = {
    id: `claim.${modality === 'intended' ? 'will-' : ''}${predicate}${by}${hasTarget ? '-target' : ''}`,
    values: {
      what: extentPhrase(hasExtent ? extent : undefined),
      ...(actor !== undefined && { actor: { party: actor } }),
      ...(hasTarget && { target: { name: target } }),
    },
  };
  const beside: PhraseValue[] = [];
  if (target !== undefined && !hasTarget) beside.push({ name: target });
  if (extent !== undefined && !hasExtent) beside.push(extentPhrase(extent));
  return beside.length === 0 ? claim : { id: 'claim.beside', values: { claim, beside } };
}

const SHARES: Readonly<Record<string, string>> = {
  '=': 'equal',
  '>': 'above',
  '>=': 'least',
  '<': 'below',
  '<=': 'most',
};

/** How much of the place, as the object of a verb. */
export function extentPhrase(extent: Extent | null | undefined): Phrase {
  if (extent == null) return { id: 'what.all' };
  return 'part' in extent
    ? { id: 'what.part', values: { part: { name: extent.part } } }
    : { id: `what.${SHARES[extent.op]!}`, values: { percent: extent.percent } };
}
