import { InvalidArgumentError } from 'commander';
import { loadSettings } from '#libs/platform';
import { confirmEpoch, listEpochs, newEpoch } from '../epochs.js';
import { examples, type AddVerbs } from './verb.js';

const MAX_REASON = 1000;

/** `epoch list | new | confirm`. */
export const addEpoch: AddVerbs = (program, act) => {
  const epoch = program
    .command('epoch')
    .description('what readers are told where the log may have gone back: after a failover or a restore')
    .addHelpText('after', examples(['claimline epoch list'], ['claimline epoch new --help']));
  epoch
    .command('list')
    .option('--json', 'one object a line')
    .description('list the epochs, oldest first, with the positions after which each begins')
    .addHelpText('after', examples(['claimline epoch list --json']))
    .action(act((options: { json?: boolean }) => listEpochs(options, loadSettings())));
  epoch
    .command('new')
    .requiredOption('--reason <text>', 'why', reasonOf)
    .option('--json', 'for machines')
    .description('open an epoch, before the service starts on a copy of files that was put back')
    .addHelpText('after', examples(["claimline epoch new --reason 'the copy of Monday was put back'"]))
    .action(act((options: { reason: string; json?: boolean }) => newEpoch(options, loadSettings())));
  epoch
    .command('confirm')
    .option('--json', 'for machines')
    .description('let the relay go on: the readers of the events topic know that it holds lost events')
    .addHelpText('after', examples(['claimline epoch confirm']))
    .action(act((options: { json?: boolean }) => confirmEpoch(options, loadSettings())));
};

function reasonOf(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > MAX_REASON)
    throw new InvalidArgumentError(`It must have 1 to ${MAX_REASON} characters.`);
  return reason;
}
