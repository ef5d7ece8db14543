import { describe, expect, it } from '@jest/globals';
import { OUTCOMES, outcomeRows } from '../src/speakers/outcome-rows.js';
import { questionOf } from '../src/statements/question.js';

describe('the search of statements', () => {
  it('asks by the names of the API, at the moment of the address', () => {
    const asked = { speaker: 'A', to: '2025-11-20', asOf: '2025-11-22', knownAt: '2026-01-01' };
    expect(questionOf({ ...asked, map: '1/2/3', lang: 'uk', ruleset: 'r' })).toEqual(asked);
    expect(questionOf({})).toEqual({});
  });

  it('asks for an outcome only of a speaker or an outlet', () => {
    const asked = { text: 'слово', outcome: 'denied', position: 'for' };
    expect(questionOf({ ...asked, outlet: 'B' })).toEqual({ ...asked, outlet: 'B' });
    expect(questionOf(asked)).toEqual({ text: 'слово' });
  });
});

describe('what has become of statements', () => {
  it('has a row for each outcome, and counts by position only where they depend on it', () => {
    const rows = outcomeRows({
      outcomes: [
        { outcome: 'voided', position: null, count: 2 },
        { outcome: 'conceded', position: 'for', count: 3 },
        { outcome: 'conceded', position: 'against', count: 1 },
      ],
    });
    expect(rows.map(({ outcome }) => outcome)).toEqual(OUTCOMES);
    expect(rows.find(({ outcome }) => outcome === 'voided')).toEqual({
      outcome: 'voided',
      count: 2,
      for: null,
      against: null,
    });
    expect(rows.find(({ outcome }) => outcome === 'conceded')).toMatchObject({
      count: 4,
      for: 3,
      against: 1,
    });
    expect(rows.find(({ outcome }) => outcome === 'denied')).toMatchObject({ count: 0, for: 0, against: 0 });
  });
});
