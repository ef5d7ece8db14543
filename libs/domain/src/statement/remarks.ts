import type { ValidationIssue } from '../values/refusal.js';

/** Who makes a command and why, as an event keeps it. */
export interface Remarks {
  by?: string | undefined;
  reason?: string | undefined;
}

/** The remarks of a command that the recorded events lack. */
export const unrecorded = ({ by, reason }: Remarks, recorded: Remarks): ValidationIssue[] =>
  (Object.entries({ by, reason }) as [keyof Remarks, string | undefined][])
    .filter(([field, said]) => said !== undefined && said !== recorded[field])
    .map(([field]) => ({
      pointer: `/${field}`,
      detail:
        recorded[field] === undefined ? 'would be lost' : `would be lost: "${recorded[field]}" is recorded`,
    }));
