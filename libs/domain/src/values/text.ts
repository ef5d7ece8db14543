import { z } from 'zod';
import { isInvisible, PLAIN } from './fold.js';

/**
 * Memoizes a function of a text: the same few names come in statement after statement, and folding them each time would
 * be most of the work. Bounded, so that memory stays flat.
 */
export function memoize<T>(look: (given: string) => T): (given: string) => T {
  const seen = new Map<string, T>();
  return (given) => {
    let found = seen.get(given);
    if (found === undefined) {
      if (seen.size >= 10_000) seen.clear();
      seen.set(given, (found = look(given)));
    }
    return found;
  };
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;
// eslint-disable-next-line no-control-regex
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

/**
 * Ordering combining marks takes the square of how many stand in a row. Names of any script have a few; Unicode's stream-safe
 * text has 30 (UAX #15).
 */
const MAX_MARKS = 100;
const MARKS = new RegExp(`(?<!\\p{M})\\p{M}{${MAX_MARKS + 1}}`, 'u');
/** A character of NFC is decomposed into four at most, of the scripts of names. */
const DECOMPOSED = 4;

/** A text field: NFC, trimmed, 1 to `max` characters, no control characters, no lone surrogates. `lines` allows tabs and line breaks. */
export function text(max: number, { lines = false } = {}) {
  const forbidden = lines ? CONTROL_BUT_LINES : CONTROL;
  return z
    .string()
    .refine((value) => value.isWellFormed(), {
      error: 'must be well-formed Unicode (it has a lone surrogate)',
      abort: true,
    })
    .refine((value) => value.length <= DECOMPOSED * max, {
      error: `must have at most ${max} characters`,
      abort: true,
    })
    .refine((value) => value.length <= MAX_MARKS || !MARKS.test(value), {
      error: `must not have more than ${MAX_MARKS} combining marks in a row`,
      abort: true,
    })
    .overwrite((value) => (PLAIN.test(value) ? value : value.normalize('NFC')).trim())
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((value) => !forbidden.test(value), 'must not contain control characters');
}

/** Characters that change the direction of the text after them: a name with one does not look like what it is. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/;

/** As `text`, for a name that is compared with others: it has a visible character, and none that changes the direction of text. */
export function name(max: number) {
  return text(max)
    .refine((value) => value === '' || !isInvisible(value), 'must have a visible character')
    .refine(
      (value) => !TURNING.test(value),
      'must not contain characters that change the direction of text (U+202A to U+202E, U+2066 to U+2069)',
    );
}
