import { formatToken } from '#libs/domain';
import type { Receipt } from '#libs/event-store';

/** A write as it is answered. A dry run has no place in the log. The token of a correction covers both of its events. */
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
  return dryRun
    ? {
        ...(statementId && { statementId }),
        type,
        locationId,
        ...(resolution && { resolution }),
        unknownParties,
        duplicate,
        dryRun,
      }
    : {
        ...(statementId && { statementId }),
        eventId,
        type,
        locationId,
        ...(resolution && { resolution }),
        unknownParties,
        ...(corrects && { corrects, voided }),
        shard,
        position,
        recordedAt,
        duplicate,
        token: tokenOf([{ shard, position }, ...(voided ? [voided] : [])]),
      };
}

/** The token that is reached where all of these events are. */
export function tokenOf(events: readonly { shard: number; position: number }[]): string {
  const token = new Map<number, number>();
  for (const { shard, position } of events) token.set(shard, Math.max(position, token.get(shard) ?? 0));
  return formatToken(token);
}
