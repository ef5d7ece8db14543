import { operationEvent, OPERATIONS_STREAM, type EventId, type PerformedOperation } from '#libs/domain';
import type { Db } from '#libs/platform';
import { randomUUID } from 'node:crypto';
import type { EventStore } from './event-store.js';

/**
 * Does what an operator or a curator wants beside statements and places. Where the caller is known, the event that says who
 * did it is appended in the same transaction: neither is there without the other. Where nobody is known, no event is
 * appended.
 * @param act does it, by the connection that it is given; it is called again if the database aborts the transaction in favour
 * of another
 * @param hasEffect whether an outcome has changed anything (default: always): else there is no event
 */
export async function performOperation<T>(
  store: EventStore,
  operation: PerformedOperation,
  act: (db: Db) => Promise<T>,
  hasEffect: (outcome: T) => boolean = () => true,
): Promise<T> {
  if (operation.signature === undefined) return act(store.pool);
  return store.appendDeciding([store.shardOf(OPERATIONS_STREAM)], async (transaction) => {
    const outcome = await act(transaction.client);
    if (hasEffect(outcome))
      await transaction.append([{ event: operationEvent(operation, randomUUID() as EventId) }]);
    return outcome;
  });
}
