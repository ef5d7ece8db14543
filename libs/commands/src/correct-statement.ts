import {
  accept,
  correctionEventId,
  decideCorrection,
  isCorrectionOf,
  ofStatement,
  omitUndefined,
  parseCorrection,
  refuse,
  unrecorded,
  type ClaimEvent,
  type Correction,
  type RecordedEvent,
  type Result,
} from '#libs/domain';
import type { Db } from '#libs/platform';
import {
  answerDuplicate,
  existingRecordsOf,
  findEvent,
  recorded,
  type ExistingRecord,
  type Receipt,
} from '#libs/log';
import { Command, type CommandDependencies, type CommandOptions } from './command.js';
import { findTarget, notFound, voidingTarget } from './command-target.js';
import type { RetractOptions } from './retract-statement.js';
import { checkParties, eventToAppend, withUnknownParties, type CheckedParties } from './submission.js';
import { writeVoiding } from './voidings.js';

/**
 * Records a statement in place of another one, which it voids. Refused: `correction-invalid`, `correction-conflict`,
 * `statement-not-found`, `statement-conflict`, and as a statement by RecordStatements.
 */
export class CorrectStatement extends Command<Result<Receipt>> {
  constructor(
    readonly statementId: string,
    readonly body: unknown,
    readonly options: RetractOptions = {},
  ) {
    super();
  }
}

export class CorrectStatementHandler {
  constructor(private readonly needs: CommandDependencies) {}

  async execute({
    statementId,
    body,
    options: { strict = false, ...options },
  }: CorrectStatement): Promise<Result<Receipt>> {
    const { store, rulesets, clock } = this.needs;
    const correction = parseCorrection(body, clock());
    if (!correction.ok) return correction;
    const original = await findTarget(store, statementId);
    if (!original) return notFound(statementId);
    const ruleset = await rulesets.inForce();
    const parties = checkParties(correction.value.statement.content, { ruleset, strict });
    return withUnknownParties(await this.record(original, correction.value, parties, options), parties);
  }

  /**
   * Records the statement and voids the other one, in one append over the shards of both. A repeat is answered with the
   * original's values, whatever happened to the two statements since.
   */
  private async record(
    original: ExistingRecord,
    correction: Correction,
    parties: CheckedParties,
    { traceparent, signature }: CommandOptions,
  ): Promise<Result<Receipt>> {
    const { store, register } = this.needs;
    const { statement } = correction;
    const again = await correctedBefore(store.pool, original, correction);
    if (again) return again;
    if (parties.refused) return { ok: false, refusal: ofStatement(parties.refused.refusal) };
    const [place] = await register.resolve([statement.content.location]);
    if (!place!.ok) return { ok: false, refusal: ofStatement(place!.refusal) };
    const candidate = eventToAppend({ ...statement, traceparent, signature }, place!.value);
    return store.appendDeciding(
      [original.shard, store.shardOf(candidate.event.stream)],
      async (transaction): Promise<Result<Receipt>> => {
        const { client } = transaction;
        // Another writer may have been faster.
        const meanwhile = await correctedBefore(client, original, correction);
        if (meanwhile) return meanwhile;
        const decided = decideCorrection(
          { ...correction, signature },
          await voidingTarget(client, original),
          candidate.event as ClaimEvent,
        );
        if (!decided.ok) return decided;
        transaction.atOneTime();
        const [claim] = await transaction.append([{ ...candidate, event: decided.value.claim }]);
        // Its id was recorded in a shard that is not locked here: nothing is written yet.
        if (!claim!.ok || claim!.value.duplicate)
          return (await correctedBefore(client, original, correction))!;
        const [voided] = await transaction.append([{ event: decided.value.voided, traceparent }]);
        if (!voided!.ok) throw new Error(`the void of ${original.id} is refused`);
        await writeVoiding(client, original.id, { voided: true, eventId: voided!.value.eventId });
        return accept(receiptOfBoth(claim!.value, original, voided!.value));
      },
    );
  }
}

/** The answer where the statement of a correction is recorded already. */
async function correctedBefore(
  db: Db,
  original: ExistingRecord,
  { statement: { id, digest }, ...remarks }: Correction,
): Promise<Result<Receipt> | undefined> {
  const known = (await existingRecordsOf(db, [id])).get(id);
  if (!known) return undefined;
  const same = answerDuplicate(known, digest, 'claim.asserted');
  if (!same.ok) return { ok: false, refusal: ofStatement(same.refusal) };
  const isOne = isCorrectionOf(
    recorded((await findEvent(db, known.eventId))!) as ClaimEvent,
    original.statementId,
  );
  if (!isOne.ok) return isOne;
  const voided = recorded(
    (await findEvent(db, correctionEventId(original.statementId, known.statementId)))!,
  ) as RecordedEvent<'statement.voided'>;
  const { by, onBehalfOf, data } = voided;
  const faults = unrecorded(remarks, omitUndefined({ by, onBehalfOf, reason: data.reason }));
  return faults.length > 0
    ? refuse(
        'command-conflict',
        `${original.id} is already corrected by ${id}, with other remarks: a void can add remarks`,
        faults,
      )
    : accept(receiptOfBoth(same.value, original, voided));
}

const receiptOfBoth = (
  claim: Receipt,
  { statementId }: ExistingRecord,
  { eventId, shard, position, recordedAt }: NonNullable<Receipt['voided']>,
): Receipt => ({ ...claim, corrects: statementId, voided: { eventId, shard, position, recordedAt } });
