import { parseUuid, refuse, type EventId, type VoidingTarget } from '#libs/domain';
import { randomUUID } from 'node:crypto';
import { readLater, type EventStore, type ExistingRecord, type Receipt, type RecordedLater } from '#libs/log';
import type { Db } from '#libs/platform';

/** The record of a statement or a retraction, by its id; undefined if there is none. */
export async function findTarget(store: EventStore, id: string): Promise<ExistingRecord | undefined> {
  const uuid = parseUuid(id);
  return uuid === undefined ? undefined : (await store.originals([uuid])).get(uuid);
}

/**
 * A record as the target of a void or a correction.
 * @param wasVoided whether to read the events about it that matter
 */
export const voidingTarget = async (
  db: Db,
  { id, type, locationId: stream, position, statementId }: ExistingRecord,
  wasVoided = true,
): Promise<VoidingTarget<RecordedLater>> => ({
  stream,
  statementId,
  ...(type === 'claim.retracted' && { retractionId: id }),
  later: wasVoided ? await readLater(db, { stream, position, statementId }) : [],
});

/** The receipt of a record: the answer to a command that changes nothing. */
export const unchanged = ({ id: _id, digest: _digest, ...original }: ExistingRecord): Receipt => ({
  ...original,
  duplicate: true,
});

export const newEventId = (): EventId => randomUUID() as EventId;

export const notFound = (id: string) => refuse('statement-not-found', `no statement has the id ${id}`);
