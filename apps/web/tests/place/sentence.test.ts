import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { leadPhrase, standingPhrase, statePhrase } from '../../src/place/sentence.js';
import { inWords, type Line, nameOf, spoken } from '../saying/spoken.js';

const RUSSIA_TOOK: Line = { party: 'russia', predicate: 'captured', actor: 'russia' };
const RUSSIA_HOLDS: Line = { party: 'russia', predicate: 'controls', actor: 'russia' };
const NOT_LOST: Line = {
  party: 'ukraine',
  stance: 'deny',
  predicate: 'lost',
  actor: 'ukraine',
  at: '2025-11-21',
};
const WITHDREW: Line = { party: 'ukraine', predicate: 'withdrew', actor: 'ukraine', at: '2025-11-22' };
const monitor = (name: string, predicate: Line['predicate'] = 'captured'): Line => ({
  name,
  predicate,
  actor: 'russia',
});

const words = (...lines: Line[]): string => {
  const { state, details } = spoken(...lines);
  return inWords(statePhrase(state, details, nameOf));
};

describe('the state as a sentence', () => {
  it.each<[string, Line[], string]>([
    [
      'contested/two-holders',
      [{ ...RUSSIA_TOOK, party: 'dnr' }, RUSSIA_TOOK, NOT_LOST],
      'Both sides claim it, since 2025-11-21: Russia says it captured it; Ukraine denies having lost it.',
    ],
    [
      'contested/two-holders',
      [{ name: 'DeepState', predicate: 'controls', actor: 'ukraine' }, RUSSIA_HOLDS],
      'Contrary claims are made for Russia and Ukraine, since 2025-11-20: Russia says it holds it; ' +
        'DeepState says that Ukraine holds it.',
    ],
    [
      'contested/one-disputed',
      [
        RUSSIA_TOOK,
        { party: 'ukraine', stance: 'deny', predicate: 'captured', actor: 'russia', at: '2025-11-21' },
      ],
      'It is disputed whether Russia holds it, since 2025-11-21: Russia says it captured it; ' +
        'Ukraine denies that Russia captured it.',
    ],
    [
      'conceded/adversary-says-so',
      [RUSSIA_HOLDS, { party: 'ukraine', predicate: 'captured', actor: 'russia', at: '2025-11-21' }],
      'Ukraine concedes that Russia holds it, since 2025-11-21: Russia says it holds it; ' +
        'Ukraine says that Russia captured it.',
    ],
    [
      'conceded/adversary-conceded',
      [RUSSIA_TOOK, NOT_LOST, WITHDREW],
      'Russia is said to hold it, and Ukraine concedes its loss, since 2025-11-22: Russia says it captured it; ' +
        'Ukraine says it withdrew from it.',
    ],
    [
      'corroborated/two-sides-two-origins',
      [monitor('ISW'), monitor('DeepState', 'controls')],
      'Several who speak for themselves say that Russia holds it, and nobody denies it, since 2025-11-20: ' +
        'DeepState and ISW say that Russia holds it.',
    ],
    [
      'claimed/one-origin',
      [
        { party: 'russia', name: 'TASS', predicate: 'captured', actor: 'russia' },
        { name: 'TASS', predicate: 'captured', actor: 'russia' },
      ],
      'Several say that Russia holds it, but all from one origin; nobody denies it, since 2025-11-20: ' +
        'Russia says it captured it; TASS says that Russia captured it.',
    ],
    [
      'claimed/one-side',
      [{ ...RUSSIA_HOLDS, extent: { op: '>', percent: 80 } }],
      'One side alone says that Russia holds it, and nobody denies it, since 2025-11-20: ' +
        'Russia says it holds more than 80 % of it.',
    ],
    [
      'relinquished/withdrawn',
      [NOT_LOST, WITHDREW],
      'Ukraine no longer claims it, and nobody is said to hold it, since 2025-11-22: ' +
        'Ukraine says it withdrew from it.',
    ],
    [
      'denied/denied',
      [{ party: 'ukraine', stance: 'deny', predicate: 'controls', actor: 'russia' }],
      'It is denied that Russia holds it, and nobody is said to hold it, since 2025-11-20: ' +
        'Ukraine denies that Russia holds it.',
    ],
    ['unclaimed/no-holder', [{ predicate: 'fighting' }], 'Nobody is said to hold it, since 2025-11-20.'],
    ['unclaimed/no-holder', [], 'Nobody is said to hold it.'],
  ])('%s', (rule, lines, sentence) => {
    expect(spoken(...lines).state.rule).toBe(rule);
    expect(words(...lines)).toBe(sentence);
  });

  it('says that a side contradicts itself', () => {
    expect(
      words(RUSSIA_HOLDS, { party: 'dnr', stance: 'deny', predicate: 'controls', actor: 'russia' }),
    ).toContain('Russia contradicts itself about whether it holds it');
  });

  it('counts independents that are too many to name', () => {
    expect(words(...['A', 'B', 'C', 'D'].map((name) => monitor(name)))).toContain(
      '4 independent sources say that Russia captured it',
    );
  });

  it('says only the sign of a statement whose words are not at hand', () => {
    const { state } = spoken(RUSSIA_TOOK);
    expect(inWords(statePhrase(state, () => undefined, nameOf))).toContain('Russia says it holds it');
  });

  it('shows a party that the ruleset does not know by its name', () => {
    const line: Line = { party: 'M23', predicate: 'captured', actor: 'M23' };
    expect(words(line)).toContain('M23 says it captured it');
    const { state, details } = spoken(line);
    expect(inWords(statePhrase(state, details, nameOf), 'uk')).toContain('сторона «M23»');
  });
});

describe('rules', () => {
  // As the rules name them, so that a new one is missed here.
  const source = readFileSync('libs/domain/src/state/standing.ts', 'utf8');
  const rules = new Set([...source.matchAll(/'([a-z]+\/[a-z-]+)'/g)].map(([, rule]) => rule!));
  const ofStatus = /^(contested|conceded|corroborated|claimed|relinquished|denied\/denied|unclaimed)/;
  const ofHolder = /^(disputed|conceded|corroborated|claimed|withdrawn|denied\/by)/;

  it.each(['en', 'uk'])('all have words in %s', (language) => {
    expect(rules.size).toBeGreaterThanOrEqual(13);
    const { control } = spoken(RUSSIA_TOOK, {
      party: 'ukraine',
      predicate: 'captured',
      actor: 'russia',
    }).state;
    for (const rule of rules) {
      expect(`${rule}: ${ofStatus.test(rule) || ofHolder.test(rule)}`).toBe(`${rule}: true`);
      if (ofStatus.test(rule)) inWords(leadPhrase({ rule, control }), language);
      if (ofHolder.test(rule)) inWords(standingPhrase({ holder: 'russia', rule }), language);
    }
  });
});
