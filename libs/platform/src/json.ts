import { Problem } from './problems.js';

const MAX_DEPTH = 32;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON that came in from outside.
 * @throws Problem `body-malformed` (400) where the bytes are not UTF-8, not JSON, or nested deeper than 32.
 */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new Problem(400, 'body-malformed', 'the body is not UTF-8');
  }
  if (depthOf(bytes) > MAX_DEPTH)
    throw new Problem(400, 'body-malformed', `the body is nested deeper than ${MAX_DEPTH}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(
      400,
      'body-malformed',
      `the body is not JSON: ${(error as Error).message.slice(0, 200)}`,
    );
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
// Brackets and braces differ in one bit.
const BRACE_BIT = 0x20;
const [OPEN, CLOSE] = [0x7b, 0x7d];

/** The deepest nesting of arrays and objects; strings are passed over. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if ((byte | BRACE_BIT) === OPEN) deepest = Math.max(deepest, ++depth);
    else if ((byte | BRACE_BIT) === CLOSE) depth--;
  }
  return deepest;
}
