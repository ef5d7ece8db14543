import { SettingsError } from '#libs/platform';
import { outputError, Stopped } from './shutdown.js';

/** Exit codes: done, failed, used wrongly. Work that a signal ended has the code that shells give it. */
export const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2];

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Stopped) return error.exitCode;
  return error instanceof SettingsError ? WRONG_USAGE : FAILED;
}

/** Exits with a code once all output is written: a connection or a timer left open by mistake does not delay the exit. */
export async function exitAfter(run: () => Promise<number>): Promise<never> {
  // The reader may have gone by the time the last output is written.
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exitCode = exitCodeOf(outputError(error));
    if (error.code !== 'EPIPE' && !hasFailed)
      process.stderr.write(`standard output cannot be written: ${error.message}\n`);
    hasFailed = true;
  });
  const code = await run();
  // A write to a full disk fails a moment later.
  await new Promise((resolve) => setImmediate(resolve));
  process.exitCode ??= code;
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0)
      await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)));
  process.exit();
}
