import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { version } from '#libs/platform';
import { DONE, exitAfter, exitCodeOf, FAILED, Stopped, WRONG_USAGE } from '#libs/service';
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

/** Runs the command line of this process, and exits. */
export const main = (argv: readonly string[] = process.argv): Promise<never> => exitAfter(() => run(argv));

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
  if (!(error instanceof CommanderError)) return exitCodeOf(error);
  return error.exitCode === 0 ? DONE : WRONG_USAGE;
}
