import type { PlaceInput, StatementInput } from '../war.js';

/** A statement whose id is known before it is recorded: it can be taken back, and voided. */
export type NamedStatement = StatementInput & { statementId: string };

/** One request to the service, and the moment at which it arrives. */
export type Happening = { at: number } & (
  | { kind: 'place'; place: PlaceInput }
  | { kind: 'statement'; statement: NamedStatement }
  | { kind: 'retraction'; statementId: string; body: object }
  | { kind: 'void' | 'reinstatement'; statementId: string; body: { by: string; reason: string } }
  | { kind: 'merge'; id: string; into: string; by: string }
  | { kind: 'unmerge'; id: string; by: string }
);

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
