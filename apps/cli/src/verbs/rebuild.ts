import { loadSettings } from '#libs/platform';
import { rebuildModels } from '../rebuild-models.js';
import { examples, type AddVerbs } from './verb.js';

/** `rebuild`. */
export const addRebuild: AddVerbs = (program, act) => {
  program
    .command('rebuild')
    .option(
      '--ruleset <file>',
      'fold with this ruleset (default: that of RULESET_FILE, or the one that ships with Claimline)',
    )
    .option('--compare', 'only show which places would change their status; nothing takes effect')
    .option('--json', 'for machines: with --compare one place a line, then the result')
    .description(
      'rebuild the read models from the whole log and swap them in when done; the service may run meanwhile',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline rebuild'],
        ['claimline rebuild --ruleset next.json --compare', 'what would change?'],
        ['claimline rebuild --ruleset next.json'],
      ),
    )
    .action(
      act((options: { ruleset?: string; compare?: boolean; json?: boolean }) =>
        rebuildModels(options, loadSettings()),
      ),
    );
};
