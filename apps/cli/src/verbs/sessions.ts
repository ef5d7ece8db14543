import { InvalidArgumentError, Option } from 'commander';
import { isHolder } from '#libs/access';
import { parseUuid } from '#libs/domain';
import { loadSettings } from '#libs/platform';
import { endSessions, listSessions } from '../sessions.js';
import { examples, type AddVerbs } from './verb.js';

/** `sessions list | end`. */
export const addSessions: AddVerbs = (program, act) => {
  const sessions = program
    .command('sessions')
    .description('who is signed in with a browser, beside a running service or without one')
    .addHelpText('after', examples(['claimline sessions list']));
  const ofHolder = () =>
    new Option('--of <holder>', 'the id of a key, or issuer#subject of an account').argParser(holder);
  sessions
    .command('list')
    .addOption(ofHolder())
    .option('--json', 'one object a line')
    .description('list sessions, newest first')
    .addHelpText(
      'after',
      examples(['claimline sessions list'], ['claimline sessions list --of 4f0c2b1e6a51']),
    )
    .action(act((options: { of?: string; json?: boolean }) => listSessions(options, loadSettings())));
  sessions
    .command('end')
    .argument('[id]', 'of a session', sessionId)
    .addOption(ofHolder())
    .description('end a session, or all of a key or an account: within a second in every process')
    .addHelpText(
      'after',
      examples(
        ['claimline sessions end 0b6e3f0a-7a51-4c1c-9d7e-2f6f1f0f9a11'],
        ['claimline sessions end --of "https://id.example#ada"'],
      ),
    )
    .action(
      act((id: string | undefined, { of }: { of?: string }) => {
        if ((id === undefined) === (of === undefined))
          throw new InvalidArgumentError('Name a session, or with --of whose sessions end.');
        return endSessions({ id, of }, loadSettings());
      }),
    );
};

function holder(text: string): string {
  if (isHolder(text)) return text;
  throw new InvalidArgumentError('It must be the id of a key, or issuer#subject of an account.');
}

function sessionId(text: string): string {
  const id = parseUuid(text);
  if (id) return id;
  throw new InvalidArgumentError('It must be the id of a session: `claimline sessions list` shows them.');
}
