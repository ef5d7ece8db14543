import { describe, expect, it } from '@jest/globals';
import { type Claim, PREDICATES, STANCES, type Statement } from '../../src/api/place-answers.js';
import { flagPhrases } from '../../src/place/flag-phrase.js';
import { sentence } from '../../src/saying/phrase.js';
import { isHint, isPartialLoss, saidPhrase } from '../../src/saying/said.js';
import { inWords, shownStatement, spoken } from './spoken.js';

const words = (change: Partial<Statement>, language = 'en') =>
  inWords(saidPhrase(shownStatement(change)), language);
const claim = (change: Partial<Claim>): Partial<Statement> => ({
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia', ...change },
  speaker: { name: 'Valery Gerasimov', role: null, party: 'russia', side: 'russia' },
});

describe('a statement as a sentence', () => {
  it.each<[Partial<Statement>, string]>([
    [{}, 'Ukrainian military (Ukraine) denied that Ukraine lost it'],
    [
      claim({ extent: { op: '>', percent: 80 } }),
      'Valery Gerasimov (Russia) said that Russia holds more than 80 % of it',
    ],
    [
      claim({ extent: { part: 'the north' } }),
      'Valery Gerasimov (Russia) said that Russia holds part of it (the north)',
    ],
    [
      claim({ predicate: 'encircled', target: '15 battalions' }),
      'Valery Gerasimov (Russia) said that Russia encircled 15 battalions there',
    ],
    [
      {
        ...claim({ predicate: 'fighting' }),
        speaker: { name: null, role: null, party: 'ukraine', side: 'ukraine' },
      },
      'Ukraine said that Russia is fighting there',
    ],
    [
      {
        stance: 'assert',
        claim: { predicate: 'fighting' },
        speaker: { name: null, role: null, party: null, side: 'independent:example.org' },
        origin: 'example.org',
      },
      'example.org said that there is fighting there',
    ],
    [
      { ...claim({ predicate: 'withdrew', modality: 'intended' }) },
      'Valery Gerasimov (Russia) said that Russia will withdraw from it',
    ],
    [claim({ certainty: 'hedged' }), 'Valery Gerasimov (Russia) suggested that Russia holds it'],
    [
      claim({ modality: 'conditional' }),
      'Valery Gerasimov (Russia) said, on a condition, that Russia holds it',
    ],
    [
      claim({ predicate: 'entered', extent: { op: '<=', percent: 10 } }),
      'Valery Gerasimov (Russia) said that Russia entered it (at most 10 % of it)',
    ],
  ])('%#: %j', (change, sentence) => {
    expect(words(change)).toBe(sentence);
  });

  it.each(['en', 'uk'])('has words for every claim in %s', (language) => {
    for (const stance of STANCES)
      for (const predicate of PREDICATES)
        for (const modality of ['actual', 'intended', 'conditional'] as const)
          for (const certainty of ['plain', 'hedged'] as const)
            for (const actor of predicate === 'fighting' ? ['russia', undefined] : ['russia'])
              for (const target of ['a garrison', undefined])
                for (const extent of [undefined, { part: 'the north' }, ...SHARES]) {
                  const made: Claim = { predicate, modality, certainty };
                  if (actor !== undefined) made.actor = actor;
                  if (target !== undefined) made.target = target;
                  if (extent !== undefined) made.extent = extent;
                  const text = words({ stance, claim: made }, language);
                  for (const given of [target, extent && 'part' in extent ? extent.part : extent && '80'])
                    if (given !== undefined) expect(text).toContain(given);
                }
  });

  const SHARES = (['=', '>', '>=', '<', '<='] as const).map((op) => ({ op, percent: 80 }));

  it('knows hints and losses of a part', () => {
    expect(isHint({ predicate: 'lost', modality: 'intended' })).toBe(true);
    expect(isHint({ predicate: 'lost', modality: 'actual', certainty: 'plain' })).toBe(false);
    const lost = (extent: Claim['extent'], stance: 'assert' | 'deny' = 'assert') =>
      isPartialLoss({ stance, claim: { predicate: 'lost', actor: 'ukraine', ...(extent && { extent }) } });
    expect([lost({ part: 'the east' }), lost({ op: '>', percent: 50 })]).toEqual([true, true]);
    expect([lost(undefined), lost({ op: '>=', percent: 100 }), lost({ part: 'the east' }, 'deny')]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('flags', () => {
  const flagsOf = (...lines: Parameters<typeof spoken>) =>
    spoken(...lines).state.flags.map((flag) =>
      flagPhrases(flag)
        .map((one) => inWords(one))
        .join(' '),
    );

  it('say who reports, about whom, and who denies', () => {
    expect(
      flagsOf(
        { party: 'russia', predicate: 'encircled', actor: 'russia' },
        { party: 'ukraine', stance: 'deny', predicate: 'encircled', actor: 'russia' },
      ),
    ).toEqual(['Russia says that Russia has encircled it. Ukraine denies it.']);
    expect(
      flagsOf({ party: 'russia', predicate: 'fighting' }, { party: 'ukraine', predicate: 'fighting' }),
    ).toEqual(['Russia and Ukraine say that there is fighting.']);
  });

  it('name independent speakers as they are given', () => {
    const said = {
      flag: 'fighting',
      holder: null,
      assertedBy: ['independent:monitor west'],
      deniedBy: [],
      evidence: [],
    };
    const words = flagPhrases(said, () => 'Monitor West').map((one) => inWords(one));
    expect(words.join()).toContain('Monitor West');
  });

  it.each(['en', 'uk'])('all have words in %s', (language) => {
    const flags = [
      'fighting encirclement presence partial hinted extentDisputed withdrawalDisputed splitSide unknownParty',
      'provisional ambiguous',
    ].flatMap((names) => names.split(' '));
    for (const flag of flags)
      for (const holder of ['russia', null]) {
        // Only these are raised about a place as such.
        if (holder === null && /presence|encirclement|partial|Disputed/.test(flag)) continue;
        const raised = {
          flag,
          holder,
          assertedBy: ['russia', 'independent:isw'],
          deniedBy: ['ukraine'],
          evidence: [],
        };
        for (const phrase of flagPhrases(raised)) expect(inWords(phrase, language)).not.toBe('');
      }
  });
});

it('begins with a capital letter, unless it begins with a name', () => {
  expect(sentence('both sides claim it')).toBe('Both sides claim it');
  expect(sentence('“обидві” сторони')).toBe('“Обидві” сторони');
  expect(sentence('\u2068example.org\u2069 said so')).toBe('\u2068example.org\u2069 said so');
});
