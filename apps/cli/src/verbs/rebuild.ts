import { loadSettings } from '#libs/platform';
import { rebuildModels } from '../rebuild-models.js';
import { examples, type AddVerbs } from './verb.js';

/** `rebuild`. */
export const addRebuild: AddVerbs = (program, act) => {
  program
    .command('rebuild')
    .option('--json', 'for machines')
    .description('with the service stopped: empty the read models and fold the whole log anew, with the present ruleset')
    .addHelpText('after', examples(['claimline rebuild'], ['RULESET_FILE=mine.json claimline rebuild', 'adopt a changed ruleset']))
    .action(act((options: { json?: boolean }) => rebuildModels(options, loadSettings())));
};
