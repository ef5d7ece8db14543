import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { version, withoutSecrets } from '#libs/platform';
import { DONE, exitAfter, exitCodeOf, FAILED, Stopped, WRONG_USAGE } from '#libs/service';
import { examples, type Act, type AddVerbs } from './verbs/verb.js';

/** The files of the verbs, in the order of the help: each is loaded when one of its verbs is called, and all for help. */
export const VERBS: readonly (readonly [names: readonly string[], load: () => Promise<AddVerbs>])[] = [
  [['start', 'demo'], async () => (await import('./verbs/service.js')).addServiceVerbs],
  [['migrate'], async () => (await import('./verbs/migrate.js')).addMigrate],
  [['import'], async () => (await import('./verbs/import.js')).addImport],
  [['export', 'restore'], async () => (await import('./verbs/export.js')).addExport],
  [['rebuild'], async () => (await import('./verbs/rebuild.js')).addRebuild],
  [['replay'], async () => (await import('./verbs/replay.js')).addReplay],
  [['verify'], async () => (await import('./verbs/verify.js')).addVerify],
  [['checkpoint'], async () => (await import('./verbs/checkpoint.js')).addCheckpoint],
  [['audit'], async () => (await import('./verbs/audit.js')).addAudit],
  [['epoch'], async () => (await import('./verbs/epoch.js')).addEpoch],
  [['status'], async () => (await import('./verbs/status.js')).addStatus],
  [['keys'], async () => (await import('./verbs/keys.js')).addKeys],
  [['sessions'], async () => (await import('./verbs/sessions.js')).addSessions],
  [['dead-letters'], async () => (await import('./verbs/dead-letters.js')).addDeadLetters],
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
  const called = VERBS.filter(([names]) => names.includes(argv[2] ?? ''));
  for (const [, load] of called.length > 0 ? called : VERBS) (await load())(program, act);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has written its own message; a reader that has gone needs none.
    const reported =
      (error instanceof CommanderError && !(error instanceof InvalidArgumentError)) ||
      (error instanceof Stopped && error.signal === 'SIGPIPE');
    if (!reported) process.stderr.write(`${withoutSecrets((error as Error).message)}\n`);
    return codeOf(error);
  }
  return code;
}

function codeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) return exitCodeOf(error);
  return error.exitCode === 0 ? DONE : WRONG_USAGE;
}
