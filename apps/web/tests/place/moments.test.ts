import { describe, expect, it } from '@jest/globals';
import { momentText, pointOf } from '../../src/compare/moments.js';

describe('a moment of a comparison', () => {
  it.each([
    'now',
    '2025-11-20',
    '2025-11-20@2025-11-25',
    '@2025-11-25',
    '2025-11-20T08:00:00.000Z@2025-11-25',
  ])('%s is read and written as the API has it', (text) => {
    expect(momentText(pointOf(text))).toBe(text);
  });

  it('has no limit that is not given', () => {
    expect([pointOf('@2025-11-25'), pointOf('2025-11-20'), pointOf('now'), pointOf(undefined)]).toEqual([
      { asOf: undefined, knownAt: '2025-11-25' },
      { asOf: '2025-11-20', knownAt: undefined },
      {},
      {},
    ]);
  });
});
