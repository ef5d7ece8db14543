import type { Epochs } from '#libs/domain';
import type { Receipt } from '#libs/log';

/**
 * The JSON answer to a write. A dry run has no position in the log. The token of a correction covers both of its events.
 * @param epochs of the log, for the token
 */
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
  epochs: Epochs,
  dryRun = false,
): object {
  // JSON leaves out undefined values; leaving keys out of the object takes longer than all the rest.
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
        token: receiptToken(voided ? [{ shard, position }, voided] : [{ shard, position }], epochs),
      };
}

/** The token that covers all of these events. */
export function receiptToken(events: readonly { shard: number; position: number }[], epochs: Epochs): string {
  const token = new Map<number, number>();
  for (const { shard, position } of events) token.set(shard, Math.max(position, token.get(shard) ?? 0));
  return epochs.format(token);
}
