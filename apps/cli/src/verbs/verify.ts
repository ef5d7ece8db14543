import { loadSettings } from '#libs/platform';
import { verifyLog } from '../verify-log.js';
import { verifyReadModels } from '../verify-read-models.js';
import { examples, type AddVerbs } from './verb.js';

/** `verify`. */
export const addVerify: AddVerbs = (program, act) => {
  program
    .command('verify')
    .option('--models', 'compare the read models with what the log comes to, instead')
    .option('--json', 'for machines')
    .description('walk the chains of all shards and name the first event of each that does not fit')
    .addHelpText('after', examples(['claimline verify'], ['claimline verify --models'], ['claimline verify --json | jq .faults']))
    .action(act(({ models, ...options }: { models?: boolean; json?: boolean }) => (models ? verifyReadModels(options, loadSettings()) : verifyLog(options, loadSettings()))));
};
