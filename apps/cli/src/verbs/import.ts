import { Option } from 'commander';
import { loadSettings } from '#libs/platform';
import { IMPORT_FORMATS, importFile, type ImportOptions } from '../import-file.js';
import { examples, type AddVerbs } from './verb.js';

/** `import`. */
export const addImport: AddVerbs = (program, act) => {
  program
    .command('import')
    .argument(
      '<file>',
      'NDJSON (.ndjson, .jsonl): one statement a line; or CSV (.csv); "-" reads standard input',
    )
    .addOption(
      new Option('--format <format>', 'where the name of the file does not say').choices(IMPORT_FORMATS),
    )
    .option(
      '--mapping <file>',
      'JSON or YAML: how the columns of the file become statements; without, CSV is as our own export writes it',
    )
    .option('--dry-run', 'validate and resolve, record nothing')
    .option(
      '--strict',
      'refuse parties and actors that the ruleset does not know; without, they are named in the end',
    )
    .option('--json', 'for machines: one object a line, the last with the counts')
    .description(
      'record the statements of a file; every bad line is reported with its number; run again it doubles nothing',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline import examples/kupiansk-2025-11/statements.ndjson'],
        ['claimline import reports.csv --mapping mapping.yaml --dry-run', 'what is wrong with it?'],
        ['zcat big.ndjson.gz | claimline import -'],
      ),
    )
    .action(act((file: string, options: ImportOptions) => importFile(file, options, loadSettings())));
};
