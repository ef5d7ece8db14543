import { loadSettings } from '#libs/platform';
import { importFile } from '../import-file.js';
import { examples, type AddVerbs } from './verb.js';

/** `import`. */
export const addImport: AddVerbs = (program, act) => {
  program
    .command('import')
    .argument('<file>', 'NDJSON: one statement a line; "-" reads standard input')
    .option('--dry-run', 'validate and resolve, record nothing')
    .option('--json', 'for machines: one object a line, the last with the counts')
    .description('record the statements of a file; every bad line is reported with its number')
    .addHelpText('after', examples(['claimline import examples/kupiansk-2025-11/statements.ndjson'], ['zcat big.ndjson.gz | claimline import -'], ['claimline import --dry-run mine.ndjson', 'what is wrong with it?']))
    .action(act((file: string, options: { dryRun?: boolean; json?: boolean }) => importFile(file, options, loadSettings())));
};
