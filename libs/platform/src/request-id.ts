import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Fit for a log line, a header and a problem. */
const SANE = /^[\w.:+/=@-]{1,128}$/;

/** The id of a request: that of its `X-Request-Id`, if it is 1-128 letters, digits or `_.:+/=@-`, else a new UUID. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}
