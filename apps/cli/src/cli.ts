import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { SettingsError } from '#libs/platform';
import { version } from './package-root.js';
import { outputError, Stopped } from './shutdown.js';
import { addCheckpoint } from './verbs/checkpoint.js';
import { addDeadLetters } from './verbs/dead-letters.js';
import { addExport } from './verbs/export.js';
import { addImport } from './verbs/import.js';
import { addRebuild } from './verbs/rebuild.js';
import { addReplay } from './verbs/replay.js';
import { addServiceVerbs } from './verbs/service.js';
import { addStatus } from './verbs/status.js';
import { examples, type Act } from './verbs/verb.js';
import { addVerify } from './verbs/verify.js';

/** Exit codes: done, failed, used wrongly. Work that a signal ended has the code that shells give it. */
const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2];

/** In the order of the help. */
const VERBS = [
  addServiceVerbs,
  addImport,
  addExport,
  addRebuild,
  addReplay,
  addVerify,
  addCheckpoint,
  addStatus,
  addDeadLetters,
];

/** Runs the command line of this process, and exits: a connection or a timer left open by mistake does not delay the exit. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  // The reader may have gone by the time the last output is written.
  process.stdout.on('error', (error) => (process.exitCode = codeOf(outputError(error))));
  const code = await run(argv);
  process.exitCode ??= code;
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0)
      await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)));
  process.exit();
}

/** Runs a command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  let code = DONE;
  const act: Act =
    (action) =>
    async (...args) => {
      if ((await action(...args)) === false) code = FAILED;
    };
  const program = new Command('claimline')
    .version(version())
    .description('Who says what about a place, since when, and how disputed it is.')
    .exitOverride()
    .showHelpAfterError('(see claimline --help)')
    .addHelpText(
      'after',
      examples(
        ['claimline start', 'the service, on the data in ./data'],
        ['claimline status', 'while it runs: how far log and read models are'],
        ['claimline import --help', 'each verb has help of its own'],
      ),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage; 130 and 143 when Ctrl-C or SIGTERM interrupted the work.',
    );
  for (const add of VERBS) add(program, act);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has written its own message; a reader that has gone needs none.
    const reported =
      (error instanceof CommanderError && !(error instanceof InvalidArgumentError)) ||
      (error instanceof Stopped && error.signal === 'SIGPIPE');
    if (!reported) process.stderr.write(`${(error as Error).message}\n`);
    return codeOf(error);
  }
  return code;
}

function codeOf(error: unknown): number {
  if (error instanceof Stopped) return error.exitCode;
  if (error instanceof CommanderError && error.exitCode === 0) return DONE;
  return error instanceof SettingsError || error instanceof CommanderError ? WRONG_USAGE : FAILED;
}
