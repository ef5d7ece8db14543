import { loadSettings } from '#libs/platform';
import { discardDeadLetters, listDeadLetters, retryDeadLetters, showDeadLetter } from '../dead-letters.js';
import { examples, wholeNumber, type AddVerbs } from './verb.js';

/** `dead-letters list | show | retry | discard`. */
export const addDeadLetters: AddVerbs = (program, act) => {
  const letters = program
    .command('dead-letters')
    .description('Kafka messages that could not be recorded; an id is partition:offset')
    .addHelpText('after', examples(['claimline dead-letters list'], ['claimline dead-letters retry --help']));
  letters
    .command('list')
    .option('--all', 'include those already recorded or discarded')
    .option('--filter <text>', 'with this text in their code or detail')
    .option('--limit <n>', 'at most this many', wholeNumber, 100)
    .option('--json', 'one object a line')
    .description('list dead letters, each once, in the order of their origin (topic, partition, offset)')
    .addHelpText(
      'after',
      examples(
        ['claimline dead-letters list --limit 20'],
        ['claimline dead-letters list --all --filter location-unknown --json'],
      ),
    )
    .action(
      act((options: { all?: boolean; filter?: string; limit: number; json?: boolean }) =>
        listDeadLetters(options, loadSettings()),
      ),
    );
  letters
    .command('show')
    .argument('<id>')
    .option('--value', 'only the message itself, to correct it in a file')
    .option('--json', 'on one line')
    .description('show one dead letter in full')
    .addHelpText(
      'after',
      examples(
        ['claimline dead-letters show 7:0'],
        ['claimline dead-letters show 7:0 --value > mended.json'],
      ),
    )
    .action(
      act((id: string, options: { value?: boolean; json?: boolean }) =>
        showDeadLetter(id, options, loadSettings()),
      ),
    );
  letters
    .command('retry')
    .argument('[ids...]', 'default: all that are open')
    .option('--filter <text>', 'with this text in their code or detail')
    .option('--with <file>', 'record the content of this file (a corrected message) instead')
    .option('--by <name>', 'name of the person who decides')
    .option('--json', 'one object a line, the last with the counts')
    .description('try to record dead letters again')
    .addHelpText(
      'after',
      examples(
        ['claimline dead-letters retry --filter location-unknown'],
        ['claimline dead-letters show 7:0 --value > mended.json', 'correct it, then'],
        ['claimline dead-letters retry 7:0 --with mended.json'],
      ),
    )
    .action(
      act((ids: string[], options: { filter?: string; with?: string; by?: string; json?: boolean }) =>
        retryDeadLetters(ids, options, loadSettings()),
      ),
    );
  letters
    .command('discard')
    .argument('[ids...]')
    .option('--filter <text>', 'all that are open and have this text in their code or detail')
    .option('--by <name>', 'name of the person who decides')
    .option('--json', 'for machines')
    .description('mark dead letters as discarded; the topic keeps them')
    .addHelpText(
      'after',
      examples(
        ['claimline dead-letters discard 7:0 7:3 --by anna'],
        ['claimline dead-letters discard --filter line-malformed'],
      ),
    )
    .action(
      act((ids: string[], options: { filter?: string; by?: string; json?: boolean }) =>
        discardDeadLetters(ids, options, loadSettings()),
      ),
    );
};
