import { InvalidArgumentError } from 'commander';
import { loadSettings } from '#libs/platform';
import { checkCheckpoint, type CheckOptions } from '../check-checkpoint.js';
import { exportCheckpoint } from '../export-checkpoint.js';
import { examples, type AddVerbs } from './verb.js';

/** `checkpoint export | check`. */
export const addCheckpoint: AddVerbs = (program, act) => {
  const checkpoint = program
    .command('checkpoint')
    .description(
      'checkpoints for others to keep, so that the log cannot be rewritten unseen (docs/proofs.md)',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline checkpoint export --out checkpoint.txt'],
        ['claimline checkpoint check checkpoint.txt'],
      ),
    );
  checkpoint
    .command('export')
    .option('--out <file>', 'a new file, instead of standard output')
    .option(
      '--shard <n>',
      'this shard only, as a C2SP tlog-checkpoint, which witnesses and monitors read',
      shardOf,
    )
    .description('write the roots of the trees over all shards, signed if CHECKPOINT_KEY_FILE names a key')
    .addHelpText(
      'after',
      examples(
        ['claimline checkpoint export'],
        ['claimline checkpoint export --out "checkpoint-$(date +%F).txt"', 'every day, for others to keep'],
        ['claimline checkpoint export --shard 0'],
      ),
    )
    .action(act((options: { out?: string; shard?: number }) => exportCheckpoint(options, loadSettings())));
  checkpoint
    .command('check')
    .argument('<file>', 'a checkpoint that was kept')
    .option(
      '--key <key>',
      'name+id+key: the key that must have signed it (default: that of CHECKPOINT_KEY_FILE)',
    )
    .option('--json', 'for machines')
    .description(
      'check that the log still begins with the events of a checkpoint: nothing changed, removed or inserted',
    )
    .addHelpText(
      'after',
      examples(
        ['claimline checkpoint check checkpoint.txt'],
        ["claimline checkpoint check checkpoint.txt --key 'claimline/7c9a...+c74f20a3+ARpc2Q...'"],
      ),
    )
    .action(act((file: string, options: CheckOptions) => checkCheckpoint(file, options, loadSettings())));
};

function shardOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a shard.');
}
