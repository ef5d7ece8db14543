import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Log, stateOf, stateAfter, type Line } from './story.js';
import { haveCommonValue } from '../src/state/flags.js';

const russia = (rest: Partial<Line>): Line => ({
  party: 'russia',
  predicate: 'controls',
  actor: 'russia',
  statedAt: '2025-11-20',
  ...rest,
});
const ukraine = (rest: Partial<Line>): Line => ({
  party: 'ukraine',
  predicate: 'controls',
  actor: 'ukraine',
  statedAt: '2025-11-21',
  ...rest,
});

describe('flags', () => {
  it('names who asserts and who denies an encirclement, for each holder', () => {
    const { flags } = stateAfter(
      russia({ predicate: 'encircled' }),
      ukraine({ stance: 'deny', predicate: 'encircled', actor: 'russia' }),
      russia({ predicate: 'entered' }),
    );
    expect(
      flags.map(({ flag, holder, assertedBy, deniedBy }) => ({ flag, holder, assertedBy, deniedBy })),
    ).toEqual([
      { flag: 'encirclement', holder: 'russia', assertedBy: ['russia'], deniedBy: ['ukraine'] },
      { flag: 'presence', holder: 'russia', assertedBy: ['russia'], deniedBy: [] },
      { flag: 'provisional', holder: null, assertedBy: [], deniedBy: [] },
    ]);
    expect(flags[0]!.evidence).toHaveLength(2);
  });

  it('takes fighting as one question for the whole place, with or without an actor', () => {
    const over = stateAfter(
      { outlet: 'example.org', predicate: 'fighting', statedAt: '2025-11-20' },
      ukraine({ predicate: 'fighting' }),
    );
    expect(over.flags[0]).toMatchObject({
      flag: 'fighting',
      holder: null,
      assertedBy: ['independent:example.org', 'ukraine'],
    });
    expect(stateAfter(ukraine({ predicate: 'fighting', stance: 'deny' })).flagNames).toEqual([]);
  });

  it('partial: ends when the speaker says more of that holder', () => {
    const partialLoss = ukraine({ predicate: 'lost', extent: { op: '=', percent: 20 } });
    expect(stateAfter(partialLoss)).toMatchObject({ status: 'unclaimed', flagNames: ['partial'] });
    expect(stateAfter(partialLoss, ukraine({ statedAt: '2025-11-22' })).flagNames).toEqual([]);
    expect(
      stateAfter(partialLoss, ukraine({ party: 'Another Ukrainian unit', statedAt: '2025-11-22' })).flagNames,
    ).toEqual(['partial', 'unknownParty']);
    expect(stateAfter(russia({ extent: { op: '>=', percent: 100 } })).flagNames).toEqual([]);
    expect(stateAfter(ukraine({ predicate: 'withdrew', extent: { op: '=', percent: 100 } })).status).toBe(
      'relinquished',
    );
  });

  it('hinted: ends when the same speaker says it plainly, of the same holder and facet', () => {
    const hint = ukraine({ predicate: 'lost', certainty: 'hedged' });
    expect(stateAfter(hint)).toMatchObject({ status: 'unclaimed', flagNames: ['hinted'] });
    expect(stateAfter(hint, ukraine({ predicate: 'fighting', statedAt: '2025-11-22' })).flagNames).toEqual([
      'fighting',
      'hinted',
    ]);
    expect(
      stateAfter(hint, ukraine({ stance: 'deny', predicate: 'lost', statedAt: '2025-11-22' })).flagNames,
    ).toEqual([]);
    expect(
      stateAfter(ukraine({ stance: 'deny', predicate: 'lost', statedAt: '2025-11-20' }), hint).flagNames,
    ).toEqual(['hinted']);
  });

  it('extentDisputed: percentages with nothing in common, or a denial that names an extent', () => {
    const monitor = (percent: number, op = '=') => ({
      name: 'Monitor',
      predicate: 'controls',
      actor: 'russia',
      statedAt: '2025-11-20',
      extent: { op, percent },
    });
    expect(stateAfter(russia({ extent: { op: '>', percent: 80 } }), monitor(90)).flagNames).toEqual([
      'partial',
    ]);
    expect(stateAfter(russia({ extent: { op: '>', percent: 80 } }), monitor(80)).flagNames).toEqual([
      'extentDisputed',
      'partial',
    ]);
    expect(
      stateAfter(russia({ extent: { op: '>', percent: 80 } }), russia({ extent: { op: '<', percent: 70 } }))
        .flagNames,
    ).toEqual(['extentDisputed', 'partial']);
    // Said later, it is a change of mind, no dispute.
    expect(
      stateAfter(
        russia({ extent: { op: '>', percent: 80 } }),
        russia({ extent: { op: '<', percent: 70 }, statedAt: '2025-11-21' }),
      ).flagNames,
    ).toEqual(['partial']);
    expect(
      stateAfter(russia({}), ukraine({ stance: 'deny', actor: 'russia', extent: { part: 'the station' } }))
        .flagNames,
    ).toEqual(['extentDisputed']);
  });

  it('finds a common value of extents exactly where one of 0, 0.5, ... 100 or an open end shows it', () => {
    const extent = fc.record({
      op: fc.constantFrom('=' as const, '>' as const, '>=' as const, '<' as const, '<=' as const),
      percent: fc.integer({ min: 1, max: 100 }),
    });
    const holds = (value: number, { op, percent }: { op: string; percent: number }) =>
      ({
        '=': value === percent,
        '>': value > percent,
        '>=': value >= percent,
        '<': value < percent,
        '<=': value <= percent,
      })[op]!;
    const tried = Array.from({ length: 201 }, (_, n) => n / 2);
    fc.assert(
      fc.property(fc.array(extent, { maxLength: 4 }), (extents) => {
        expect(haveCommonValue(extents)).toBe(
          tried.some((value) => extents.every((one) => holds(value, one))),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('withdrawalDisputed: not within one side, nor when the denier has moved on', () => {
    const withdrew = ukraine({ predicate: 'withdrew' });
    const denied = (rest: Partial<Line>): Line => ({
      party: 'm23',
      stance: 'deny',
      predicate: 'withdrew',
      actor: 'ukraine',
      statedAt: '2025-11-22',
      ...rest,
    });
    expect(stateAfter(withdrew, denied({})).flagNames).toEqual(['unknownParty', 'withdrawalDisputed']);
    expect(stateAfter(withdrew, denied({ party: 'ЗСУ' })).flagNames).toEqual([]);
    expect(
      stateAfter(withdrew, denied({}), denied({ stance: 'assert', statedAt: '2025-11-23' })).flagNames,
    ).toEqual(['unknownParty']);
    // m23 withdraws its denial by claiming that russia has all of the place.
    expect(
      stateAfter(
        withdrew,
        denied({}),
        denied({ stance: 'assert', predicate: 'captured', actor: 'russia', statedAt: '2025-11-23' }),
      ).flagNames,
    ).toEqual(['unknownParty']);
  });

  it('shows the newest fifty and says how many more', () => {
    const log = new Log();
    for (let n = 0; n < 60; n++)
      log.claim({
        name: `Monitor ${n}`,
        predicate: 'captured',
        actor: 'russia',
        statedAt: new Date(Date.UTC(2025, 9, 1 + n)).toISOString(),
      });
    const state = stateOf(log.events);
    expect(state.control[0]).toMatchObject({ standing: 'corroborated', more: 10 });
    expect(state.control[0]!.assertedBy).toHaveLength(50);
    expect(state.control[0]!.assertedBy[0]!.speaker).toBe('Monitor 59');
    expect(state.flags.find(({ flag }) => flag === 'provisional')).toMatchObject({ more: 10 });
  });
});

describe('sides', () => {
  it('an unknown party is a side of its own, shown as first given and compared folded', () => {
    const state = stateAfter(
      { party: 'Wagner Remnants', predicate: 'captured', actor: 'Wagner Remnants', statedAt: '2025-11-20' },
      { party: 'WAGNER  REMNANTS', predicate: 'controls', actor: 'wagner remnants', statedAt: '2025-11-21' },
    );
    expect(state.control).toHaveLength(1);
    expect(state.control[0]).toMatchObject({ holder: 'Wagner Remnants', standing: 'claimed' });
  });

  it('an independent never is the party of the same name', () => {
    const state = stateAfter(
      { name: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' },
      { party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-21' },
    );
    expect(state.control[0]!.assertedBy.map(({ side }) => side)).toEqual(['russia', 'independent:russia']);
    // Two sides, but one origin.
    expect(state.status).toBe('claimed');
  });

  it('a ruleset can name the adversaries of a side; holders of the place are adversaries besides', () => {
    const captured = { predicate: 'captured', actor: 'russia' };
    expect(
      stateAfter(
        { party: 'russia', ...captured, statedAt: '2025-11-20' },
        { party: 'm23', ...captured, statedAt: '2025-11-21' },
      ).status,
    ).toBe('corroborated');
    expect(
      stateAfter(
        { party: 'russia', ...captured, statedAt: '2025-11-20' },
        { party: 'm23', predicate: 'lost', actor: 'm23', statedAt: '2025-11-20' },
        { party: 'm23', ...captured, statedAt: '2025-11-21' },
      ).status,
    ).toBe('conceded');
  });
});
