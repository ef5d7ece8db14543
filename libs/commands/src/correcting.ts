import {
  accept,
  correctionEventId,
  decideCorrection,
  isCorrectionOf,
  ofStatement,
  refuse,
  unrecorded,
  type ClaimEvent,
  type Correction,
  type VoidingTarget,
  type Result,
  type RecordedEvent,
} from '#libs/domain';
import type pg from 'pg';
import {
  type EventStore,
  existingRecordsOf,
  answerDuplicate,
  type ExistingRecord,
  type Receipt,
  findEvent,
  readLater,
  type RecordedLater,
  recorded,
} from '#libs/log';
import { writeVoiding } from './voidings.js';
import type { Register } from '#libs/places';
import { eventToAppend, type CheckedParties } from './submission.js';

type Db = Pick<pg.ClientBase, 'query'>;

/**
 * The statement under an id, as the target of a void or a correction.
 * @param isMarked whether to read the events about it that matter
 */
export const targetOf = async (
  db: Db,
  { id, type, locationId: stream, position, statementId }: ExistingRecord,
  isMarked = true,
): Promise<VoidingTarget<RecordedLater>> => ({
  stream,
  statementId,
  ...(type === 'claim.retracted' && { retractionId: id }),
  later: isMarked ? await readLater(db, { stream, position, statementId }) : [],
});

/**
 * Records a statement and voids the one that it corrects, in one append over the shards of both. A repeat is answered with
 * the original's values, whatever happened to the two statements since.
 */
export async function recordCorrection(
  store: EventStore,
  register: Register,
  original: ExistingRecord,
  correction: Correction,
  parties: CheckedParties,
  traceparent?: string,
): Promise<Result<Receipt>> {
  const { statement } = correction;
  const again = await correctedBefore(store.pool, original, correction);
  if (again) return again;
  if (parties.refused) return { ok: false, refusal: ofStatement(parties.refused.refusal) };
  const [place] = await register.resolve([statement.content.location]);
  if (!place!.ok) return { ok: false, refusal: ofStatement(place!.refusal) };
  const candidate = eventToAppend({ ...statement, traceparent }, place!.value);
  return store.appendDeciding(
    [original.shard, store.shardOf(candidate.event.stream)],
    async (transaction): Promise<Result<Receipt>> => {
      const { client } = transaction;
      // Another writer may have been faster.
      const meanwhile = await correctedBefore(client, original, correction);
      if (meanwhile) return meanwhile;
      const decided = decideCorrection(
        correction,
        await targetOf(client, original),
        candidate.event as ClaimEvent,
      );
      if (!decided.ok) return decided;
      transaction.atOneTime();
      const [claim] = await transaction.append([{ ...candidate, event: decided.value.claim }]);
      // Its id was recorded in a shard that is not locked here: nothing is written yet.
      if (!claim!.ok || claim!.value.duplicate) return (await correctedBefore(client, original, correction))!;
      const [voided] = await transaction.append([{ event: decided.value.voided, traceparent }]);
      if (!voided!.ok) throw new Error(`the void of ${original.id} is refused`);
      await writeVoiding(client, original.id, { voided: true, eventId: voided!.value.eventId });
      return accept(receiptOfBoth(claim!.value, original, voided!.value));
    },
  );
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
  const faults = unrecorded(remarks, { by: voided.by, reason: voided.data.reason });
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
