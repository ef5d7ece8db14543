/** One fault in the input. `pointer` is a JSON Pointer (RFC 6901) to the field. */
export interface ValidationIssue {
  pointer: string;
  detail: string;
}

/** Why a command was refused. `code` is the last part of `urn:claimline:problem:<code>`. */
export interface Refusal {
  code: RefusalCode;
  detail: string;
  errors?: ValidationIssue[];
}

export type RefusalCode =
  | 'line-malformed'
  | 'statement-invalid'
  | 'statement-conflict'
  | 'statement-not-found'
  | 'retraction-invalid'
  | 'retraction-foreign'
  | 'correction-invalid'
  | 'correction-conflict'
  | 'party-unknown'
  | 'command-invalid'
  | 'command-conflict'
  | 'location-invalid'
  | 'location-unknown'
  | 'location-not-found'
  | 'location-conflict'
  | 'location-ambiguous'
  | 'location-merged'
  | 'name-not-found'
  | 'code-not-found'
  | 'merge-circle'
  | 'replay-invalid'
  | 'replay-not-found'
  | 'replay-ended'
  | 'replays-full';

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export const accept = <T>(value: T): Result<T> => ({ ok: true, value });

export const refuse = (
  code: RefusalCode,
  detail: string,
  errors?: ValidationIssue[],
): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: errors ? { code, detail, errors } : { code, detail },
});
