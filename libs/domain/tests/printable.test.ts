import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable } from '../src/values/printable.js';

describe('text from outside, made printable', () => {
  it('has no characters that are obeyed instead of shown, or that cannot be kept', () => {
    expect(printable('a\u0000b\n\u001b[2J\u007f\u009b\u2028\u202e\ud800', 100)).toBe(
      'a\\u0000b\\u000a\\u001b[2J\\u007f\\u009b\\u2028\\u202e\\ud800',
    );
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(printable(text, 1000)),
      ),
    );
  });

  it('leaves all other text as it is', () => {
    for (const text of ['', 'Куп\u2019янськ', '\u0915\u093f', '😀 a\u200db'])
      expect(printable(text, 100)).toBe(text);
  });

  it('is as long as it may be, and cuts no character', () => {
    expect(printable('x'.repeat(5), 5)).toBe('xxxxx');
    expect(printable('x'.repeat(6), 5)).toBe('xxxx…');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 20 }),
        (text, max) => printable(text, max).length <= max && printable(text, max).isWellFormed(),
      ),
    );
  });
});
