import { expect, it } from '@jest/globals';
import { spanOf } from '../src/operations/span.js';

it.each([
  [0, 'en', '0 seconds'],
  [1000, 'en', '1 second'],
  [89_000, 'en', '89 seconds'],
  [90_000, 'en', '2 minutes'],
  [5_300_000, 'en', '88 minutes'],
  [5_400_000, 'en', '2 hours'],
  [180_000, 'uk', '3 хвилини'],
])('a span of %s ms in %s is %s', (ms, locale, text) => {
  expect(spanOf(ms, locale)).toBe(text);
});
