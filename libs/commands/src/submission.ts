import {
  accept,
  claimEvent,
  partyUnknown,
  unknownParties,
  type Result,
  type Ruleset,
  type Signed,
  type Source,
  type Statement,
} from '#libs/domain';
import { randomBytes } from 'node:crypto';
import type { EventToAppend, Receipt } from '#libs/log';
import type { Located } from '#libs/places';

/** A statement with who sends it, the trace that it came in with, if any, and with its unknown parties, if requested. */
export type Submitted = Statement &
  Signed & { traceparent?: string | undefined; parties?: CheckedParties | undefined };

/** The unknown parties of a submission, and its refusal, if it is refused for them. */
export interface CheckedParties {
  unknown: string[];
  refused?: ReturnType<typeof partyUnknown> | undefined;
}

const NONE_UNKNOWN: CheckedParties = { unknown: [] };

/** @param strict refuses a submission that names an unknown party (`party-unknown`) */
export function checkParties(
  content: Parameters<typeof unknownParties>[0],
  { ruleset, strict }: { ruleset: Ruleset; strict: boolean },
): CheckedParties {
  const unknown = unknownParties(content, ruleset);
  if (unknown.length === 0) return NONE_UNKNOWN;
  return {
    unknown: [...new Set(unknown.map(({ name }) => name))],
    ...(strict && { refused: partyUnknown(unknown, ruleset) }),
  };
}

/** The outcome with unknown parties named in its receipt, for a repeat too. */
export const withUnknownParties = (
  outcome: Result<Receipt>,
  parties: CheckedParties | undefined,
): Result<Receipt> =>
  outcome.ok && parties ? accept({ ...outcome.value, unknownParties: parties.unknown }) : outcome;

export function eventToAppend(statement: Submitted, { id, resolution }: Located): EventToAppend {
  const { salt, beside } = saltOf(statement.content.source);
  const provisional = resolution.kind !== 'resolved';
  return {
    event: claimEvent(statement, id, salt, resolution),
    written: statement.written,
    id: idOf(statement),
    ...beside,
    provisional,
    traceparent: statement.traceparent,
  };
}

/** A salt and the quote to be kept beside the event, if there is a quote. */
export function saltOf(source?: Source): { salt: string; beside: Pick<EventToAppend, 'quote'> } {
  if (source?.quote === undefined) return { salt: '', beside: {} };
  const salt = randomBytes(16).toString('hex');
  return { salt, beside: { quote: { salt, quote: source.quote } } };
}

export const idOf = ({ id, digest }: { id: string; digest: Buffer }) => ({ id, digest });
