import { z } from 'zod';

const APOSTROPHES = /[\u2019\u02BC]/g;

/**
 * The form in which names of places, parties and speakers are compared (docs/domain.md, "Locations"):
 * case, diacritics and the kind of apostrophe do not count, white space is trimmed and joined.
 * Never shown, only compared. Idempotent.
 */
export function fold(text: string): string {
  const plain = text
    // By way of the upper case, which joins what the lower keeps apart (ß and SS, ς and σ); from the lower, for ẞ has no other.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(APOSTROPHES, "'")
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
  // A name made of nothing but marks must not be equal to every other such name.
  return plain === '' ? text.normalize('NFC').trim() : plain;
}

/**
 * A function that keeps its answers: the same few names come in statement after statement, and folding them
 * each time would be most of the work. Bounded, so that memory stays flat.
 */
export function remembered<T>(look: (given: string) => T): (given: string) => T {
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

/** A text field: NFC, trimmed, 1 to `max` characters, no control characters or lone surrogates. `lines` allows tab and line breaks. */
export function text(max: number, { lines = false } = {}) {
  const forbidden = lines ? CONTROL_BUT_LINES : CONTROL;
  return z
    .string()
    .refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode (it has a lone surrogate)', abort: true })
    .overwrite((value) => value.normalize('NFC').trim())
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((value) => !forbidden.test(value), 'must not hold control characters');
}
