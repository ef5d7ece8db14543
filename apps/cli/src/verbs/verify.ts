import { Option } from 'commander';
import { loadSettings } from '#libs/platform';
import { verifyLog, type VerifyLogOptions } from '../verify-log.js';
import { verifyReadModels } from '../verify-read-models.js';
import { tokenOption } from './token.js';
import { examples, type AddVerbs } from './verb.js';

/** `verify`. */
export const addVerify: AddVerbs = (program, act) => {
  program
    .command('verify')
    .option('--after <token>', 'begin after this token; earlier events are trusted', tokenOption)
    .option('--remember <file>', 'resume after the token in this file, and keep the progress there')
    .addOption(
      new Option('--models', 'compare the read models with the log instead').conflicts(['after', 'remember']),
    )
    .option('--json', 'for machines')
    .description('verify the chains and trees of all shards, and name the first wrong event of each')
    .addHelpText(
      'after',
      examples(
        ['claimline verify'],
        ['claimline verify --remember verified', 'every night: what is new since the last time'],
        ['claimline verify --after 0:120000,1:98000'],
        ['claimline verify --models'],
        ['claimline verify --json | jq .faults'],
      ),
    )
    .action(
      act(({ models, ...options }: VerifyLogOptions & { models?: boolean }) =>
        models ? verifyReadModels(options, loadSettings()) : verifyLog(options, loadSettings()),
      ),
    );
};
