import { Problem } from '#libs/platform';
import type { Result, Refusal, RefusalCode } from '#libs/domain';
import type { JobRefusalCode } from '#libs/jobs';
import type { KeyRefusalCode, SessionRefusalCode } from '#libs/access';

type AnyCode = RefusalCode | JobRefusalCode | KeyRefusalCode | SessionRefusalCode;

const STATUS: Record<AnyCode, number> = {
  'line-malformed': 400,
  'statement-invalid': 422,
  'statement-conflict': 409,
  'statement-not-found': 404,
  'retraction-invalid': 422,
  'retraction-foreign': 422,
  'correction-invalid': 422,
  'correction-conflict': 409,
  'party-unknown': 422,
  'command-invalid': 422,
  'command-conflict': 409,
  'location-invalid': 422,
  'location-unknown': 422,
  'location-not-found': 404,
  'location-ambiguous': 422,
  'location-conflict': 409,
  'name-not-found': 404,
  'code-not-found': 404,
  'location-merged': 409,
  'merge-circle': 422,
  'replay-invalid': 422,
  'replay-not-found': 404,
  'replay-ended': 409,
  'replays-full': 429,
  'key-invalid': 422,
  'key-not-found': 404,
  'key-ended': 409,
  'keys-full': 409,
  'session-not-found': 404,
};

export const problemFrom = ({ code, detail, errors }: Refusal<AnyCode>): Problem =>
  new Problem(STATUS[code], code, detail, errors);

/** The value of an outcome. @throws Problem where it was refused */
export function valueOf<T>(outcome: Result<T, AnyCode>): T {
  if (outcome.ok) return outcome.value;
  throw problemFrom(outcome.refusal);
}

/** The page. @throws Problem where its cursor is invalid */
export function pageOf<T extends object>(page: T | 'cursor-invalid'): T {
  if (page === 'cursor-invalid')
    throw new Problem(422, 'query-invalid', 'cursor was not issued by a page with these filters', [
      { pointer: '/cursor', detail: 'was not issued by a page with these filters' },
    ]);
  return page;
}
