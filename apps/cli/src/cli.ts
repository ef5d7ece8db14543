import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { loadSettings, SettingsError } from '#libs/platform';
import { discardDeadLetters, listDeadLetters, retryDeadLetters, showDeadLetter } from './dead-letters.js';
import { demo } from './demo.js';
import { rebuildModels } from './rebuild-models.js';
import { PARTS, start } from './start.js';
import { status } from './status.js';
import { Stopped } from './stopping.js';
import { addExport } from './verbs/export.js';
import { addImport } from './verbs/import.js';
import { verifyLog } from './verify-log.js';

/** Exit codes: done, failed, used wrongly. */
const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2];

/** Runs a command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  let code = DONE;
  const act =
    <A extends unknown[]>(action: (...args: A) => Promise<boolean | void>) =>
    async (...args: A) => {
      if ((await action(...args)) === false) code = FAILED;
    };
  const program = new Command('claimline')
    .description('Who says what about a place, since when, and how disputed it is.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .showHelpAfterError('(claimline --help says more)');
  program
    .command('start')
    .argument('[parts...]', `which parts run in this process: ${PARTS.join(', ')}; without any, all of them`)
    .description('start the service')
    .addHelpText('after', '\nExamples:\n  claimline start\n  claimline start projector\n  claimline start recorder relay   (with KAFKA_BROKERS)')
    .action(act((parts: string[]) => start(parts, loadSettings())));
  addImport(program, act);
  addExport(program, act);
  program
    .command('rebuild')
    .description('with the service stopped: empty the read models and fold the whole log anew, with the present ruleset')
    .action(act(() => rebuildModels(loadSettings())));
  program
    .command('verify')
    .description('walk the chains of all shards and name the first event of each that does not fit')
    .action(act(() => verifyLog(loadSettings())));
  program
    .command('status')
    .option('--json', 'for machines')
    .description('shards, heads and lag at a glance')
    .action(act((options: { json?: boolean }) => status(options, loadSettings())));
  const letters = program.command('dead-letters').description('what came in by Kafka and could not be recorded; an id is partition:offset');
  letters
    .command('list')
    .option('--all', 'those decided on, too')
    .option('--filter <text>', 'with this text in their code or detail')
    .option('--limit <n>', 'how many at the most', wholeNumber, 100)
    .option('--json', 'one object a line')
    .description('each once, in the order of where they came from')
    .action(act((options: { all?: boolean; filter?: string; limit: number; json?: boolean }) => listDeadLetters(options, loadSettings())));
  letters
    .command('show')
    .argument('<id>')
    .option('--value', 'only the message itself: to mend it in a file')
    .description('one, whole')
    .action(act((id: string, options: { value?: boolean }) => showDeadLetter(id, options, loadSettings())));
  letters
    .command('retry')
    .argument('[ids...]', 'without any: all that are open')
    .option('--filter <text>', 'with this text in their code or detail')
    .option('--with <file>', 'records what the file holds instead of the message: a mended one')
    .option('--by <name>', 'who does it')
    .description('record what can be recorded now')
    .addHelpText('after', '\nExamples:\n  claimline dead-letters retry --filter location-unknown\n  claimline dead-letters show 7:0 --value > mended.json  # edit it, then\n  claimline dead-letters retry 7:0 --with mended.json')
    .action(act((ids: string[], options: { filter?: string; with?: string; by?: string }) => retryDeadLetters(ids, options, loadSettings())));
  letters
    .command('discard')
    .argument('[ids...]')
    .option('--filter <text>', 'all that are open and have this text in their code or detail')
    .option('--by <name>', 'who does it')
    .description('mark them as done with; the topic keeps them')
    .action(act((ids: string[], options: { filter?: string; by?: string }) => discardDeadLetters(ids, options, loadSettings())));
  program
    .command('demo')
    .description('load the sample of Kupiansk, November 2025, show it, and go on serving it')
    .action(act(() => demo(loadSettings())));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return DONE;
    // Commander has said its own.
    if (!(error instanceof CommanderError) || error instanceof InvalidArgumentError) process.stderr.write(`${(error as Error).message}\n`);
    if (error instanceof Stopped) return error.exitCode;
    return error instanceof SettingsError || error instanceof CommanderError ? WRONG_USAGE : FAILED;
  }
  return code;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number above 0');
}
