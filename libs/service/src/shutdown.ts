const EXIT_CODES = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/** Why work ended before it was done: the signal; SIGPIPE where the reader of its output has gone (`| head`). */
export class Stopped extends Error {
  override name = 'Stopped';

  constructor(readonly signal: keyof typeof EXIT_CODES) {
    super(`stopped by ${signal}`);
  }

  /** The exit code that a shell reports for a program ended by the signal. */
  get exitCode(): number {
    return EXIT_CODES[this.signal];
  }
}

export interface Shutdown {
  signal: AbortSignal;
  /** Resolves with the name of the signal that came first. */
  reason: Promise<string>;
}

/** npm passes on a Ctrl-C that the terminal has sent to all already: so soon after the first it is the same one. */
const SAME_SIGNAL_MS = 1000;

let asked: Shutdown | undefined;
let interruption: AbortSignal | undefined;

/** Handles SIGTERM and SIGINT from now on: the first aborts `signal`, a later one ends the process at once. */
export function shutdown(): Shutdown {
  return (asked ??= listenForSignals());
}

/** For work that ends by itself: aborted with the first SIGTERM or SIGINT, or when standard output is closed. */
export function shutdownSignal(): AbortSignal {
  if (interruption) return interruption;
  const output = new AbortController();
  process.stdout.on('error', (error) => output.abort(outputError(error)));
  return (interruption = AbortSignal.any([shutdown().signal, output.signal]));
}

/**
 * The result of some work, unless the signal is aborted first: work that waits for a silent broker may not notice it. It is
 * abandoned then, because the process is about to end.
 * @throws the signal's reason
 */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return Promise.race([
    work,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    ),
  ]);
}

/** The reason for an error of standard output. */
export const outputError = (error: NodeJS.ErrnoException): Error =>
  error.code === 'EPIPE' ? new Stopped('SIGPIPE') : error;

function listenForSignals(): Shutdown {
  const stopping = new AbortController();
  const reason = new Promise<string>((resolve) => {
    let since = 0;
    for (const name of ['SIGTERM', 'SIGINT'] as const)
      process.on(name, () => {
        if (stopping.signal.aborted && Date.now() - since > SAME_SIGNAL_MS)
          process.exit(new Stopped(name).exitCode);
        if (stopping.signal.aborted) return;
        since = Date.now();
        stopping.abort(new Stopped(name));
        resolve(name);
      });
  });
  return { signal: stopping.signal, reason };
}
