import { backOff, pause } from '#libs/wire';

/** Data that the database refuses, whoever sends it again: SQLSTATE classes data exception, integrity, program limit. */
const OF_DATA = /^(22|23|54)...$/;

/**
 * Whether an error is due to what was to be written, so that waiting does not help. Everything else, a database or a broker
 * that is away, slow, full or starting, passes.
 */
export function isOfMessage(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return OF_DATA.test(code);
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}

const MOST_MS = 2000;

/**
 * Does something, however long it takes until it can be done.
 * @throws what is due to the message itself; the signal's reason, where it was given
 */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal, onError: (error: unknown) => void): Promise<T> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isOfMessage(error)) throw error;
      if (!signal.aborted) onError(error);
      await pause(backOff(++failures, MOST_MS), signal);
    }
  }
}
