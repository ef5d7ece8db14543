import { expect, it } from '@jest/globals';
import { readDeadLetter } from '../src/dead-letters/dead-letter-message.js';

it.each([
  ['-1', '1970-01-01T00:00:00.000Z'],
  ['nonsense', '1970-01-01T00:00:00.000Z'],
  ['1764331200000', '2025-11-28T12:00:00.000Z'],
  ['9223372036854775807', '9999-12-31T00:00:00.000Z'],
])('the time of a dead letter can be kept, whatever its message says: %s', (timestamp, deadAt) => {
  expect(
    readDeadLetter(
      { key: null, value: null, headers: {}, timestamp },
      { topic: 'dead', partition: 0, offset: '0' },
    ).deadAt.toISOString(),
  ).toBe(deadAt);
});
