/** One fault in the input. `pointer` is a JSON Pointer (RFC 6901) to the field. */
export interface ValidationIssue {
  pointer: string;
  detail: string;
}

/** Why a command was refused. `code` is the last part of `urn:claimline:problem:<code>`. */
export interface Refusal<Code extends string = RefusalCode> {
  code: Code;
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
  | 'merge-circle';

/** What came of a command; other libraries have codes of their own. */
export type Result<T, Code extends string = RefusalCode> =
  { ok: true; value: T } | { ok: false; refusal: Refusal<Code> };

export const accept = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

export const refuse = <const Code extends string>(
  code: Code,
  detail: string,
  errors?: ValidationIssue[],
): { ok: false; refusal: Refusal<Code> } => ({
  ok: false,
  refusal: errors ? { code, detail, errors } : { code, detail },
});
