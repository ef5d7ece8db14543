import { InvalidArgumentError, Option } from 'commander';
import { type Role, ROLES } from '#libs/access';
import { loadSettings } from '#libs/platform';
import { createKey, listKeys, revokeKey, rotateKey } from '../keys.js';
import { examples, type AddVerbs } from './verb.js';

/** `keys create | list | revoke | rotate`. */
export const addKeys: AddVerbs = (program, act) => {
  const keys = program
    .command('keys')
    .description('keys with which requests over HTTP come in, beside a running service or without one')
    .addHelpText(
      'after',
      examples(['claimline keys create --name "Worker 7" --role ingest'], ['claimline keys list']),
    );
  keys
    .command('create')
    .requiredOption('--name <name>', 'whose it is: shown in events as `by`')
    .addOption(
      new Option('--role <role...>', 'what it may do; may be given several times')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--expires <time>', 'when it stops working: hours, days or weeks (12h, 90d, 52w)', duration)
    .option('--json', 'for machines')
    .description('make a key, and print it, once; makes a store where there is none')
    .addHelpText(
      'after',
      examples(
        ['claimline keys create --name "Worker 7" --role ingest --expires 90d'],
        ['claimline keys create --name Desk --role curate --role operate > desk.key', 'the key alone'],
      ),
    )
    .action(
      act((options: { name: string; role: Role[]; expires?: number; json?: boolean }) =>
        createKey(options, loadSettings()),
      ),
    );
  keys
    .command('list')
    .option('--all', 'include those that are revoked or have expired')
    .option('--json', 'one object a line')
    .description('list keys, newest first, with their roles and their last use')
    .addHelpText('after', examples(['claimline keys list'], ['claimline keys list --all --json']))
    .action(act((options: { all?: boolean; json?: boolean }) => listKeys(options, loadSettings())));
  keys
    .command('revoke')
    .argument('<id>')
    .option('--json', 'for machines')
    .description('revoke a key, for good: it stops working within a second')
    .addHelpText('after', examples(['claimline keys revoke 4f0c2b1e6a51']))
    .action(act((id: string, options: { json?: boolean }) => revokeKey(id, options, loadSettings())));
  keys
    .command('rotate')
    .argument('<id>')
    .option('--grace <time>', 'how long the old secret works beside the new one: 1h, 7d', duration)
    .option('--expires <time>', 'when the key stops working from now on (default: as before)', duration)
    .option('--json', 'for machines')
    .description('give a key another secret, and print it, once; id, name and roles stay')
    .addHelpText('after', examples(['claimline keys rotate 4f0c2b1e6a51 --grace 1h > worker.key']))
    .action(
      act((id: string, options: { grace?: number; expires?: number; json?: boolean }) =>
        rotateKey(id, options, loadSettings()),
      ),
    );
};

const HOURS = { h: 1, d: 24, w: 7 * 24 } as const;

/** A duration in seconds. */
function duration(text: string): number {
  const match = /^([1-9]\d{0,4})([hdw])$/.exec(text);
  if (!match) throw new InvalidArgumentError('It must be hours, days or weeks, as in 12h, 90d or 52w.');
  return Number(match[1]) * HOURS[match[2] as keyof typeof HOURS] * 3600;
}
