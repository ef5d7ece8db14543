import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** Text of an answer that waits for the end of a body, in characters: some 20,000 receipts. */
const MAX_HELD = 8 * 1024 * 1024;

/** Whether a proxy has passed the request on, as it says. */
export const isProxied = (headers: IncomingHttpHeaders): boolean =>
  ['forwarded', 'x-forwarded-for', 'via'].some((name) => headers[name] !== undefined);

/**
 * Pieces of an answer after the end of the body that they are about: nginx passes on no more of a body once the answer has
 * begun, and both sides would wait for each other. More than 8 Mi characters do not wait.
 */
export async function* afterBody(pieces: AsyncIterable<string>, body: Readable): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (!body.readableEnded && held.length <= MAX_HELD) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
