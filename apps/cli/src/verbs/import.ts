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
      new Option('--format <format>', 'format of the file (default: by its name)').choices(IMPORT_FORMATS),
    )
    .option(
      '--mapping <file>',
      'JSON or YAML: how columns become statements (default: CSV as `claimline export` writes it)',
    )
    .option('--dry-run', 'validate and resolve, record nothing')
    .option(
      '--strict',
      'refuse parties and actors that the ruleset does not know (default: list them at the end)',
    )
    .option('--json', 'for machines: one object a line, the last with the counts')
    .description(
      'record the statements of a file; every bad line is reported with its number; a repeated import adds nothing',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline import examples/kupiansk-2025-11/statements.ndjson'],
        ['claimline import reports.csv --mapping mapping.yaml --dry-run', 'which lines are wrong?'],
        ['zcat big.ndjson.gz | claimline import -'],
      ),
    )
    .action(act((file: string, options: ImportOptions) => importFile(file, options, loadSettings())));
};
