import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { FLAGS, PREDICATES, STANCES, STATUSES } from '#libs/domain';
import { loadSettings, SettingsError } from '#libs/platform';
import { FORMATS } from '#libs/replay';
import { discardDeadLetters, listDeadLetters, retryDeadLetters, showDeadLetter } from './dead-letters.js';
import { demo } from './demo.js';
import { EXPORTS, exportTo, type ExportOptions } from './export.js';
import { IMPORT_FORMATS, importFile, type ImportOptions } from './import-file.js';
import { rebuildModels } from './rebuild-models.js';
import { restore } from './restore.js';
import { PARTS, start } from './start.js';
import { status } from './status.js';
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
  program
    .command('import')
    .argument('<file>', 'NDJSON (.ndjson, .jsonl): one statement a line; or CSV (.csv); "-" reads standard input')
    .addOption(new Option('--format <format>', 'where the name of the file does not say').choices(IMPORT_FORMATS))
    .option('--mapping <file>', 'JSON or YAML: how the columns of the file become statements; without, CSV is as our own export writes it')
    .option('--dry-run', 'validate and resolve, record nothing')
    .description('record the statements of a file; every bad line is reported with its number; run again it doubles nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  claimline import examples/kupiansk-2025-11/statements.ndjson\n  claimline import reports.csv --mapping mapping.yaml --dry-run\n  zcat big.ndjson.gz | claimline import -',
    )
    .action(act((file: string, options: ImportOptions) => importFile(file, options, loadSettings())));
  program
    .command('export')
    .addArgument(new Argument('<what>', 'log: all that a restore needs; the others: what the read models answer').choices(EXPORTS))
    .addOption(new Option('-f, --format <format>', 'of the text').choices(FORMATS).default('ndjson'))
    .option('-o, --output <file>', 'a file, which appears when it is whole; by default standard output')
    .option('--exact', 'csv: text as it is, also where a spreadsheet would take it for a formula')
    .option('--as-of <time>', 'states, timeline: only what was stated by then; a date means its end')
    .option('--known-at <time>', 'states, timeline: only what was recorded by then')
    .option('--location <id>', 'timeline: of this place, by default of all')
    .option('--from <time>', 'statements, timeline: stated from then on')
    .option('--to <time>', 'statements, timeline: stated up to then')
    .addOption(new Option('--predicate <predicate>', 'statements, timeline').choices(PREDICATES))
    .addOption(new Option('--stance <stance>', 'statements, timeline').choices(STANCES))
    .option('--side <side>', 'timeline: who spoke; states: who is a holder')
    .option('--speaker <name>', 'statements')
    .option('--party <party>', 'statements: the party of the speaker')
    .option('--outlet <name>', 'statements')
    .option('--url <url>', 'statements')
    .option('--status <list>', `states, timeline: places with one of these, joined by commas: ${STATUSES.join(', ')}`)
    .addOption(new Option('--flag <flag>', 'states, timeline: places with this flag').choices(FLAGS))
    .option('--q <text>', 'states, timeline: places with this in a name')
    .option('--bbox <box>', 'states, timeline: west,south,east,north in degrees')
    .option('--changed-since <time>', 'states, timeline: places that something was recorded about since')
    .description('write statements, timelines, states or the log to a file')
    .addHelpText('after', '\nExamples:\n  claimline export log -o backup.ndjson\n  claimline export states -f geojson --as-of 2025-11-20 --bbox 36,49,38,51 -o map.geojson\n  claimline export timeline --location gn-703656 -f csv\n  claimline export statements --party ukraine --stance deny | gzip > denials.ndjson.gz')
    .action(act((what: (typeof EXPORTS)[number], options: ExportOptions) => exportTo(what, options, loadSettings())));
  program
    .command('restore')
    .argument('<file>', 'what `claimline export log` wrote; "-" reads standard input')
    .description('with the service stopped: bring an exported log into an empty store, each event checked; stopped, it goes on when it is run again')
    .addHelpText('after', '\nExamples:\n  claimline restore backup.ndjson\n  zcat backup.ndjson.gz | DATA_DIR=./restored claimline restore -')
    .action(act((file: string) => restore(file, loadSettings())));
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
    return error instanceof SettingsError || error instanceof CommanderError ? WRONG_USAGE : FAILED;
  }
  return code;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number above 0');
}
