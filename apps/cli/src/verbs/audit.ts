import { InvalidArgumentError } from 'commander';
import {
  AUDITED,
  parseEnd,
  parseLocationId,
  parseMoment,
  parseUuid,
  TIME_FORMAT,
  type EventType,
} from '#libs/domain';
import { loadSettings } from '#libs/platform';
import { shutdownSignal } from '#libs/service';
import { listAudit, type AuditOptions } from '../list-audit.js';
import { examples, wholeNumber, type AddVerbs } from './verb.js';

/** `audit`. */
export const addAudit: AddVerbs = (program, act) => {
  program
    .command('audit')
    .option('--by <name>', 'who did it: as events name them, or the name or the id of a key alone')
    .option('--type <type...>', 'only events of these types', types)
    .option(
      '--from <time>',
      'recorded from this time on; a date means its start',
      readBy((text) => parseMoment(text)?.at, TIME_FORMAT),
    )
    .option('--to <time>', 'recorded up to this time; a date means its end', readBy(parseEnd, TIME_FORMAT))
    .option(
      '--location <id>',
      'what was done to this place, or to statements recorded on it',
      readBy(parseLocationId, 'the id of a place'),
    )
    .option('--statement <id>', 'what was done to this statement or retraction', readBy(parseUuid, 'a UUID'))
    .option('--limit <n>', 'at most this many', wholeNumber, 100)
    .option('--json', 'the events, one object a line')
    .description('list the commands of curators and operators from the log, newest first')
    .addHelpText(
      'after',
      examples(
        ['claimline audit --by "Desk 2" --from 2025-11-01'],
        ['claimline audit --location gn-703656 --type location.merged location.unmerged'],
        ['claimline audit --limit 100000 --json | jq -r .by | sort | uniq -c', 'who did how much?'],
      ),
    )
    .action(
      act((options: AuditOptions) => {
        const { from, to } = options;
        if (from !== undefined && to !== undefined && from > to)
          throw new InvalidArgumentError('--from must not be after --to.');
        return listAudit(options, loadSettings(), shutdownSignal());
      }),
    );
};

const readBy =
  <T>(read: (text: string) => T | undefined, expected: string) =>
  (text: string): T => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`It must be ${expected}.`);
  };

function types(type: string, before: EventType[] = []): EventType[] {
  const known = AUDITED.find((one) => one === type);
  if (!known) throw new InvalidArgumentError(`It must be one of ${AUDITED.join(', ')}.`);
  return [...before, known];
}
