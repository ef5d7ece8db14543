import { describe, expect, it } from '@jest/globals';
import { OUTCOMES, outcomeRows } from '../src/speakers/outcome-rows.js';
import { questionOf } from '../src/statements/question.js';

describe('the search of statements', () => {
  it('asks by the names of the API, for nothing that was said after asOf', () => {
    expect(questionOf({ speaker: 'A', map: '1/2/3', lang: 'uk', asOf: '2025-11-22' })).toEqual({
      speaker: 'A',
      to: '2025-11-22',
    });
    expect(questionOf({ from: '2025-11-01', to: '2025-11-20', asOf: '2025-11-22' })).toEqual({
      from: '2025-11-01',
      to: '2025-11-20',
    });
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
