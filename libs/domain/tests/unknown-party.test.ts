import { describe, expect, it } from '@jest/globals';
import { Log, ruleset, stateOf, stateAfter, type Line } from './story.js';

const by = (party: string, rest: Partial<Line> = {}): Line => ({
  party,
  predicate: 'captured',
  actor: 'russia',
  statedAt: '2025-11-20',
  ...rest,
});

const unknown = (...lines: Line[]) =>
  stateAfter(...lines).flags.flatMap(({ flag, evidence, ...rest }) =>
    flag === 'unknownParty' ? [{ ...rest, evidence: evidence.length }] : [],
  );

describe('a party that the ruleset does not know', () => {
  it('corroborates, as any side does, but not in silence', () => {
    const state = stateAfter(by('russia'), by('Rusia', { statedAt: '2025-11-21' }));
    expect(state).toMatchObject({
      status: 'corroborated',
      control: [{ holder: 'russia', known: true }],
      flagNames: ['unknownParty'],
    });
    expect(state.flags.find(({ flag }) => flag === 'unknownParty')).toEqual({
      flag: 'unknownParty',
      holder: 'russia',
      assertedBy: ['Rusia'],
      deniedBy: [],
      evidence: [state.control[0]!.assertedBy[0]!.eventId],
    });
  });

  it('is marked where it is the holder, whoever speaks', () => {
    const state = stateAfter(by('ukraine', { actor: 'Rusia' }), {
      name: 'Monitor',
      predicate: 'controls',
      actor: 'RUSIA',
      stance: 'deny',
      statedAt: '2025-11-21',
    });
    expect(state.control).toMatchObject([{ holder: 'Rusia', known: false }]);
    expect(
      unknown(by('ukraine', { actor: 'Rusia' }), {
        name: 'Monitor',
        predicate: 'controls',
        actor: 'RUSIA',
        stance: 'deny',
        statedAt: '2025-11-21',
      }),
    ).toEqual([{ holder: 'Rusia', assertedBy: ['ukraine'], deniedBy: ['independent:monitor'], evidence: 2 }]);
  });

  it.each<[string, Line, string | null]>([
    ['a claim', by('Rusia'), 'russia'],
    ['a denial', by('Rusia', { stance: 'deny' }), 'russia'],
    ['a loss', by('Rusia', { predicate: 'lost' }), 'russia'],
    ['an encirclement', by('Rusia', { predicate: 'encircled' }), 'russia'],
    ['a denied encirclement', by('Rusia', { predicate: 'encircled', stance: 'deny' }), 'russia'],
    ['presence', by('russia', { predicate: 'entered', actor: 'Rusia' }), 'Rusia'],
    ['fighting', { party: 'Rusia', predicate: 'fighting', statedAt: '2025-11-20' }, null],
    ['a hint', by('Rusia', { modality: 'intended' }), 'russia'],
    ['a hint about it', by('russia', { actor: 'Rusia', certainty: 'hedged' }), 'Rusia'],
    ['a partial loss', by('Rusia', { predicate: 'withdrew', extent: { part: 'the east' } }), 'russia'],
  ])('is named in %s', (_what, line, holder) => {
    expect(unknown(line)).toMatchObject([{ holder, evidence: 1 }]);
  });

  it('is named no longer where nothing rests on it', () => {
    // It changed its mind: the hint has ended, and so has the claim for somebody else.
    expect(unknown(by('russia', { actor: 'Rusia' }), by('russia', { statedAt: '2025-11-21' }))).toEqual([]);
    expect(
      unknown(
        by('russia', { actor: 'Rusia', modality: 'intended' }),
        by('russia', { actor: 'Rusia', stance: 'deny', statedAt: '2025-11-21' }),
      ),
    ).toMatchObject([{ evidence: 1 }]);
    const log = new Log();
    const claim = log.claim(by('Rusia'));
    const flagged = () => stateOf(log.events).flags.some(({ flag }) => flag === 'unknownParty');
    expect(flagged()).toBe(true);
    log.mark(claim, true);
    expect(flagged()).toBe(false);
    log.mark(claim, false);
    log.retract(claim, 'rusia', '2025-11-22');
    expect(flagged()).toBe(false);
    expect(stateOf(log.events, { asOf: '2025-11-21T00:00:00.000Z' }).flags.map(({ flag }) => flag)).toContain(
      'unknownParty',
    );
  });

  it('is none of the independents, whatever they are called, and none of the names that the ruleset has', () => {
    expect(
      unknown(
        { name: 'Rusia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' },
        { outlet: 'rusia.example', predicate: 'fighting', statedAt: '2025-11-20' },
      ),
    ).toEqual([]);
    const names = ruleset.file.parties.flatMap(({ id, names }) => [
      id,
      ...names.map((name) => `  ${name.toUpperCase()} `),
    ]);
    expect(unknown(...names.map((name) => by(name, { actor: name })))).toEqual([]);
  });
});
