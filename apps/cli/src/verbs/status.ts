import { loadSettings } from '#libs/platform';
import { status } from '../status.js';
import { examples, type AddVerbs } from './verb.js';

/** `status`. */
export const addStatus: AddVerbs = (program, act) => {
  program
    .command('status')
    .option('--json', 'for machines')
    .description('shards, heads, lag and runs at a glance')
    .addHelpText(
      'after',
      examples(
        ['claimline status'],
        ["claimline status --json | jq '.shards[] | select(.lag.events > 0)'", 'which shards are behind?'],
      ),
    )
    .action(act((options: { json?: boolean }) => status(options, loadSettings())));
};
