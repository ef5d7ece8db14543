import { SCHEMA_VERSION, type NewEvent, type OperationData } from '../events/events.js';
import { attributionOf, type Remarks, type Signed } from '../statement/remarks.js';
import { OPERATIONS_STREAM, type EventId } from '../values/identity.js';
import { omitUndefined } from '../statement/statement.js';

/** Something that an operator or a curator does, and who: what no statement and no place records. */
export type PerformedOperation = Omit<OperationData, 'reason' | 'detail'> & {
  detail?: string | undefined;
} & Remarks &
  Signed;

/** The event of an operation. It changes no state of a place. */
export const operationEvent = (
  { operation, subject, detail, reason, by, signature }: PerformedOperation,
  eventId: EventId,
): NewEvent<'operation.performed'> => ({
  eventId,
  type: 'operation.performed',
  schemaVersion: SCHEMA_VERSION,
  stream: OPERATIONS_STREAM,
  data: omitUndefined({ operation, subject, detail, reason }),
  ...attributionOf({ by, signature }),
});
