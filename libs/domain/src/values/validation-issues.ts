import type { z } from 'zod';
import type { ValidationIssue } from './refusal.js';
import { printable } from './printable.js';

/** A JSON Pointer (RFC 6901) from the steps of a path. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const MAX_ISSUES = 50;
const MAX_KEY_LENGTH = 100;

/** The faults that a validator found, one for each field, at most 50: a body may have thousands. */
export function validationIssues(error: z.ZodError): ValidationIssue[] {
  const found: ValidationIssue[] = [];
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, MAX_ISSUES - found.length))
        found.push({
          pointer: pointerTo([...issue.path, printable(key, MAX_KEY_LENGTH)]),
          detail: 'unknown field',
        });
    else found.push({ pointer: pointerTo(issue.path), detail: wording(issue) });
    if (found.length >= MAX_ISSUES) break;
  }
  return found;
}

function wording(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('received undefined')
        ? 'is required'
        : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_big':
      return issue.message.startsWith('Too big')
        ? bounded('at most', issue.maximum, issue.origin)
        : issue.message;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? bounded('at least', issue.minimum, issue.origin)
        : issue.message;
    default:
      return issue.message;
  }
}

/** The validator's own words for a bound, in ours. */
function bounded(how: string, bound: number | bigint, of: string): string {
  const counted = { string: 'characters', array: 'items' }[of];
  return counted === undefined ? `must be ${how} ${bound}` : `must have ${how} ${bound} ${counted}`;
}

const article = (type: string) =>
  (({ object: 'an object', array: 'an array', int: 'a whole number' }) as Record<string, string>)[type] ??
  `a ${type}`;
