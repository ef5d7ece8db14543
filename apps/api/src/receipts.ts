import { formatToken } from '#libs/domain';
import type { Receipt } from '#libs/event-store';

/** A write as it is answered, to be written as JSON. A dry run has no place in the log. The token of a correction covers both of its events. */
export function receiptJson(
  {
    statementId,
    eventId,
    type,
    locationId,
    resolution,
    unknownParties,
    corrects,
    voided,
    shard,
    position,
    recordedAt,
    duplicate,
  }: Receipt,
  dryRun = false,
): object {
  // What is undefined is no key of JSON; leaving keys out of an object takes longer than all the rest.
  return dryRun
    ? { statementId, type, locationId, resolution, unknownParties, duplicate, dryRun }
    : {
        statementId,
        eventId,
        type,
        locationId,
        resolution,
        unknownParties,
        corrects,
        voided,
        shard,
        position,
        recordedAt,
        duplicate,
        token: tokenOf(voided ? [{ shard, position }, voided] : [{ shard, position }]),
      };
}

/** The token that is reached where all of these events are. */
export function tokenOf(events: readonly { shard: number; position: number }[]): string {
  const token = new Map<number, number>();
  for (const { shard, position } of events) token.set(shard, Math.max(position, token.get(shard) ?? 0));
  return formatToken(token);
}
