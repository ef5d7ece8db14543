import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEAD_LETTER, deadLetterHeaders, ownHeaders } from '../src/messages/dead-letter-headers.js';
import type { HeaderValue } from '../src/messages/headers.js';

const FIELDS = {
  code: 'statement-invalid',
  detail: 'is wrong',
  topic: 'statements',
  partition: '3',
  offset: '7',
};
const name = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'command',
    'constructor',
    ...Object.values(DEAD_LETTER),
    ...Object.values(DEAD_LETTER).map((one) => `original-original-${one}`),
  ),
);
const filled = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => Buffer.from(bytes));
const value = fc.oneof(
  filled,
  fc.constant<HeaderValue>(null),
  fc.array(fc.oneof(filled, fc.constant<HeaderValue>(null)), { minLength: 2, maxLength: 4 }),
);

describe('the headers of a dead letter', () => {
  it('are ours, and those of the message, which come out as they were', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const dead = deadLetterHeaders(headers, FIELDS);
        expect(dead).toMatchObject({
          'error-code': 'statement-invalid',
          'error-detail': 'is wrong',
          'origin-topic': 'statements',
          'origin-partition': '3',
          'origin-offset': '7',
        });
        for (const one of Object.values(dead).flat())
          expect(typeof one === 'string' || Buffer.isBuffer(one)).toBe(true);
        expect(ownHeaders(dead)).toEqual({ ...headers });
        expect(ownHeaders(ownHeaders(deadLetterHeaders(dead, FIELDS)))).toEqual({ ...headers });
      }),
    );
  });

  it('are read also where others wrote them', () => {
    expect(
      ownHeaders({ [DEAD_LETTER.nulls]: 'no JSON', note: Buffer.from('x'), gone: undefined, nothing: null }),
    ).toEqual({ note: Buffer.from('x'), gone: [], nothing: null });
    expect(ownHeaders({ [DEAD_LETTER.nulls]: '7' })).toEqual({});
  });
});
