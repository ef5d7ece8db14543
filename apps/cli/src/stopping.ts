import { once } from 'node:events';

const EXIT_CODES = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** Why work ended before it was done: the signal; SIGPIPE where nobody reads what it writes any longer (`| head`). */
export class Stopped extends Error {
  override name = 'Stopped';

  constructor(readonly signal: keyof typeof EXIT_CODES) {
    super(`stopped by ${signal}`);
  }

  /** What a shell gives for a program that the signal ended. */
  get exitCode(): number {
    return EXIT_CODES[this.signal];
  }
}

/** SIGTERM and SIGINT, from now on: `reason` resolves with the first, `signal` is given. A second one ends the process at once. */
export function stopAsked(): { signal: AbortSignal; reason: Promise<string> } {
  const stopping = new AbortController();
  const reason = Promise.race((['SIGTERM', 'SIGINT'] as const).map((name) => once(process, name).then(() => name)));
  void reason.then((name) => stopping.abort(new Stopped(name)));
  return { signal: stopping.signal, reason };
}

/** For work that would end by itself: given with the first SIGTERM or SIGINT, or where standard output takes nothing more. */
export function interrupted(): AbortSignal {
  const output = new AbortController();
  process.stdout.on('error', (error) => output.abort(outputError(error)));
  return AbortSignal.any([stopAsked().signal, output.signal]);
}

/** What an error of standard output means. */
export const outputError = (error: NodeJS.ErrnoException): Error => (error.code === 'EPIPE' ? new Stopped('SIGPIPE') : error);
