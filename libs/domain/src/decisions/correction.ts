import { z } from 'zod';
import { isVoidedBy, voidingEvent, standingVoidings, type VoidingTarget } from './decide.js';
import type { ClaimEvent, VoidingEvent } from '../events/events.js';
import { validationIssues } from '../values/validation-issues.js';
import { correctionEventId, type StatementId } from '../values/identity.js';
import { accept, refuse, type Result, type Refusal } from '../values/refusal.js';
import { voidSchema } from '../place/place-command.js';
import { attributionOf, type Remarks, type Signed } from '../statement/remarks.js';
import { parseStatement, statementSchema, type Statement } from '../statement/statement.js';
import type { Instant } from '../values/time.js';

const said = {
  by: voidSchema.shape.by
    .optional()
    .meta({ description: 'Who makes the correction (default: the `by` of the statement)' }),
  reason: voidSchema.shape.reason,
};

export const correctionSchema = z
  .strictObject({ ...said, statement: statementSchema })
  .meta({ title: 'Correction', description: 'The right statement, in place of an ingest mistake' });
const commandSchema = z.strictObject({ ...said, statement: z.unknown().optional() });

/** A statement to be recorded in place of another one, which was an ingest mistake. */
export interface Correction extends Remarks {
  statement: Statement;
}

/** Reads the body of a correction, as `parseStatement` does; its fault code is `correction-invalid`. */
export function parseCorrection(input: unknown, now: Instant): Result<Correction> {
  const command = commandSchema.safeParse(input);
  const statement = parseStatement((input as { statement?: unknown } | null | undefined)?.statement, now);
  const faults = command.success ? [] : validationIssues(command.error);
  const isObject = faults[0]?.pointer !== '';
  if (isObject && !statement.ok) faults.push(...(ofStatement(statement.refusal).errors ?? []));
  if (!command.success || !statement.ok)
    return refuse(
      'correction-invalid',
      faults.length === 1
        ? `${faults[0]!.pointer || 'the body'} ${faults[0]!.detail}`
        : `${faults.length} fields are wrong`,
      faults,
    );
  return accept({ ...command.data, by: command.data.by ?? statement.value.by, statement: statement.value });
}

/** The refusal of the statement of a correction: its fields are one level deeper. */
export const ofStatement = ({ errors, ...rest }: Refusal): Refusal => ({
  ...rest,
  ...(errors && {
    errors: errors.map(({ pointer, detail }) => ({ pointer: `/statement${pointer}`, detail })),
  }),
});

/**
 * Decides on a correction whose statement is not recorded yet. A correction is a void and a statement in one: where the
 * corrected statement is voided already, without a correction, the new one is recorded beside that void.
 * @param target the statement that is corrected
 * @param claim the event to record in its place, with the same signature
 */
export function decideCorrection(
  { by, reason, signature }: Remarks & Signed,
  target: VoidingTarget,
  claim: ClaimEvent,
): Result<{ claim: ClaimEvent; voided: VoidingEvent }> {
  const { stream, statementId, retractionId, later } = target;
  const isWrong = (code: 'correction-invalid' | 'correction-conflict', detail: string, fault: string) =>
    refuse(code, detail, [{ pointer: '/statementId', detail: fault }]);
  if (retractionId !== undefined)
    return isWrong(
      'correction-invalid',
      `${retractionId} is a retraction: void it, and retract the statement again`,
      'is that of a retraction',
    );
  const standing = standingVoidings(later, statementId);
  const replacedBy = isVoidedBy(standing)
    ? standing.find(({ data }) => data.replacedBy !== undefined)?.data.replacedBy
    : undefined;
  if (replacedBy !== undefined)
    return isWrong(
      'correction-conflict',
      `${statementId} is corrected already, by ${replacedBy}: correct that one`,
      `is corrected already, by ${replacedBy}`,
    );
  const retraction = later.find(
    (event) =>
      event.type === 'claim.retracted' && !isVoidedBy(standingVoidings(later, event.data.retractionId)),
  );
  if (retraction?.type === 'claim.retracted') {
    const { retractionId: id } = retraction.data;
    return isWrong(
      'correction-conflict',
      `${statementId} is retracted: its correction would count again. ` +
        `Void the retraction ${id}, correct the statement, and retract the correction`,
      `is retracted, by ${id}`,
    );
  }
  // Under a signature `by` is not what the client says.
  const author = signature === undefined ? (claim.by ?? claim.onBehalfOf) : claim.onBehalfOf;
  return accept({
    claim: {
      ...claim,
      data: { ...claim.data, corrects: statementId },
      ...attributionOf({ by: author ?? by, signature }),
    },
    voided: voidingEvent(
      true,
      { stream, statementId, replacedBy: claim.statementId! },
      { by, reason, signature },
      correctionEventId(statementId, claim.statementId!),
    ),
  });
}

/** Whether a statement that is recorded already, with the same content, was recorded as this same correction. */
export function isCorrectionOf(recorded: ClaimEvent, corrected: StatementId): Result<true> {
  const { statementId, data } = recorded;
  const wrong = (code: 'correction-invalid' | 'statement-conflict', why: string, detail: string) =>
    refuse(code, `${statementId} ${why}`, [{ pointer: '/statement', detail }]);
  if (statementId === corrected)
    return wrong(
      'correction-invalid',
      'is the statement itself, and would be voided by it: a correction says something else, or has a statementId of its own',
      'says the same as the statement that it corrects',
    );
  if (data.corrects !== corrected)
    return wrong(
      'statement-conflict',
      `is recorded already, and not as a correction of ${corrected}: void that one, with a reason that names this one`,
      'is recorded already',
    );
  return accept(true);
}
