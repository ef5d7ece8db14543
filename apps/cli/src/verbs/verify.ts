import { loadSettings } from '#libs/platform';
import { verifyLog } from '../verify-log.js';
import { examples, type AddVerbs } from './verb.js';

/** `verify`. */
export const addVerify: AddVerbs = (program, act) => {
  program
    .command('verify')
    .option('--json', 'for machines')
    .description('walk the chains of all shards and name the first event of each that does not fit')
    .addHelpText('after', examples(['claimline verify'], ['claimline verify --json | jq .faults']))
    .action(act((options: { json?: boolean }) => verifyLog(options, loadSettings())));
};
