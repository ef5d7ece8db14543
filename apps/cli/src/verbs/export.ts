import { Argument, InvalidArgumentError, Option } from 'commander';
import { FLAGS, PREDICATES, STANCES, STATUSES } from '#libs/domain';
import { loadSettings } from '#libs/platform';
import { DELIMITERS, FORMATS } from '#libs/transfer';
import { EXPORTS, exportTo, type ExportOptions } from '../export.js';
import { restore } from '../restore.js';
import { examples, type AddVerbs } from './verb.js';

/** `export`, `restore`. */
export const addExport: AddVerbs = (program, act) => {
  program
    .command('export')
    .addArgument(
      new Argument('<what>', 'log: all that a restore needs; the others: from the read models').choices(
        EXPORTS,
      ),
    )
    .addOption(new Option('-f, --format <format>', 'of the file').choices(FORMATS).default('ndjson'))
    .option('-o, --output <file>', 'a file, which appears when it is complete (default: standard output)')
    .option('--force', 'replace any file of that name (default: only an export of the same kind)')
    .option(
      '--schema',
      'with -o: also write <file>.schema.json, which describes the file (Table Schema of csv, JSON Schema of ndjson and geojson)',
    )
    .option('--exact', 'csv: text unchanged, even where a spreadsheet would take it for a formula')
    .option('--delimiter <character>', 'csv: "," (default), ";" or "tab"', delimiterOf)
    .option('--excel', 'csv: with a byte order mark, so that Excel reads every script')
    .option('--as-of <time>', 'only what was stated by then; a date means its end')
    .option('--known-at <time>', 'only what was recorded by then')
    .option('--location <id>', 'timeline: of this place (default: of all)')
    .option('--from <time>', 'statements, timeline: stated from then on')
    .option('--to <time>', 'statements, timeline: stated up to then')
    .addOption(new Option('--predicate <predicate>', 'statements, timeline').choices(PREDICATES))
    .addOption(new Option('--stance <stance>', 'statements, timeline').choices(STANCES))
    .option('--side <side>', 'timeline: side of the speaker; states: side of a holder')
    .option('--speaker <name>', 'statements, timeline')
    .option('--party <party>', 'statements, timeline: the party of the speaker')
    .option('--outlet <name>', 'statements, timeline')
    .option('--url <url>', 'statements, timeline')
    .option('--text <words>', 'statements, timeline: words of the quote, each of which must occur')
    .option(
      '--status <list>',
      `states, timeline: places with one of these, joined by commas: ${STATUSES.join(', ')}`,
    )
    .addOption(new Option('--flag <flag>', 'states, timeline: places with this flag').choices(FLAGS))
    .option('--q <text>', 'states, timeline: places with this in a name')
    .option('--bbox <box>', 'states, timeline: west,south,east,north in degrees')
    .option('--changed-since <time>', 'states, timeline: places with something recorded since then')
    .option('--json', 'for machines: with a file, a summary of it')
    .description('write statements, timelines, states or the log to a file')
    .addHelpText(
      'after',
      examples(
        ['claimline export log -o backup.ndjson'],
        ['claimline export states -f geojson --as-of 2025-11-20 --bbox 36,49,38,51 -o map.geojson'],
        ['claimline export timeline --location gn-703656 -f csv'],
        ['claimline export statements -f parquet -o statements.parquet'],
        ['claimline export statements --party ukraine --stance deny | gzip > denials.ndjson.gz'],
      ),
    )
    .action(
      act((what: (typeof EXPORTS)[number], options: ExportOptions) =>
        exportTo(what, options, loadSettings()),
      ),
    );
  program
    .command('restore')
    .argument('<file>', 'a file written by `claimline export log`; "-" reads standard input')
    .option('--json', 'for machines')
    .description(
      'restore an exported log into an empty store and check each event; stop the service first. Interrupted, it resumes when run again',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline restore backup.ndjson'],
        ['zcat backup.ndjson.gz | DATA_DIR=./restored claimline restore -'],
      ),
    )
    .action(act((file: string, options: { json?: boolean }) => restore(file, options, loadSettings())));
};

function delimiterOf(given: string): string {
  const delimiter = given === 'tab' || given === '\\t' ? '\t' : given;
  if (!DELIMITERS.includes(delimiter)) throw new InvalidArgumentError('It must be ",", ";" or "tab".');
  return delimiter;
}
