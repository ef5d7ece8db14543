import { InvalidArgumentError } from 'commander';
import { EVENT_TYPES, LOCATION_ID, parseToken, TIME_FORMAT, type EventType } from '#libs/domain';
import { loadSettings } from '#libs/platform';
import { MAX_LOCATIONS, parseFrom, parseSpeed, parseTo, SPEED_FORMAT } from '#libs/jobs';
import { replayLog, type ReplayLogOptions } from '../replay-log.js';
import { shutdownSignal } from '#libs/service';
import { examples, type AddVerbs } from './verb.js';

/** `replay`. */
export const addReplay: AddVerbs = (program, act) => {
  program
    .command('replay')
    .option('--to-topic <topic>', 'send it to this Kafka topic, which is created if it is missing')
    .option('--out <file>', 'write it as NDJSON; "-" is standard output')
    .option(
      '--from <time|token>',
      'events recorded from this time on, or after this token',
      readBy(parseFrom, `a token, or ${TIME_FORMAT}`),
    )
    .option(
      '--to <time|token>',
      'events recorded up to this time (a date means its end), or up to this token',
      readBy(parseTo, `a token, or ${TIME_FORMAT}`),
    )
    .option(
      '--location <id...>',
      'only events recorded on these places; "register" for events about places themselves',
      places,
    )
    .option('--type <type...>', 'only events of these types', types)
    .option(
      '--speed <n>',
      'a multiple of real time, such as 60x (default: as fast as possible)',
      readBy(parseSpeed, SPEED_FORMAT),
    )
    .option(
      '--after <token>',
      'resume after this token, where an earlier replay ended; a file is continued',
      readBy((text) => parseToken(text), 'a token'),
    )
    .option(
      '--resume',
      'continue the file of --out at its end, even after a crash; begin it if it does not exist',
    )
    .option('--json', 'for machines')
    .description('replay a range of the history, in order within each shard, to a topic or as NDJSON')
    .addHelpText(
      'after',
      examples(
        ['claimline replay --out november.ndjson --from 2025-11-01 --to 2025-11-30'],
        [
          'claimline replay --out november.ndjson --from 2025-11-01 --to 2025-11-30 --resume',
          'after a crash',
        ],
        ['claimline replay --out - --location gn-703656 --type claim.asserted | jq .data.claim'],
        [
          'claimline replay --to-topic november-again --from 2025-11-01 --to 2025-11-30 --speed 60x',
          'a month in half a day',
        ],
      ),
    )
    .action(act((options: ReplayLogOptions) => replayLog(options, loadSettings(), shutdownSignal())));
};

const readBy =
  <T>(read: (text: string) => T | undefined, expected: string) =>
  (text: string): T => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`It must be ${expected}.`);
  };

function places(id: string, before: string[] = []): string[] {
  if (!LOCATION_ID.test(id)) throw new InvalidArgumentError('It must be the id of a place, or "register".');
  if (before.length === MAX_LOCATIONS)
    throw new InvalidArgumentError(`There may be at most ${MAX_LOCATIONS}.`);
  return [...before, id];
}

function types(type: string, before: EventType[] = []): EventType[] {
  const known = EVENT_TYPES.find((one) => one === type);
  if (!known) throw new InvalidArgumentError(`It must be one of ${EVENT_TYPES.join(', ')}.`);
  return [...before, known];
}
