import { InvalidArgumentError } from 'commander';
import { EVENT_TYPES, LOCATION_ID, parseToken, TIME_FORMAT, type EventType } from '#libs/domain';
import { loadSettings } from '#libs/platform';
import { MOST_LOCATIONS, parseFrom, parseSpeed, parseTo, SPEED_FORMAT } from '#libs/replay';
import { replayLog, type ReplayLogOptions } from '../replay-log.js';
import { interrupted } from '../stopping.js';
import { examples, type AddVerbs } from './verb.js';

/** `replay`. */
export const addReplay: AddVerbs = (program, act) => {
  program
    .command('replay')
    .option('--to-topic <topic>', 'send it to this Kafka topic; made where it is missing')
    .option('--out <file>', 'write it as NDJSON; "-" is standard output')
    .option(
      '--from <time|token>',
      'from this time of recording on, or after this token',
      readBy(parseFrom, `a token, or ${TIME_FORMAT}`),
    )
    .option(
      '--to <time|token>',
      'up to this time (a date means its end), or what this token holds',
      readBy(parseTo, `a token, or ${TIME_FORMAT}`),
    )
    .option(
      '--location <id...>',
      'only events recorded on these places; "register" holds those about places themselves',
      places,
    )
    .option('--type <type...>', 'only events of these types', types)
    .option(
      '--speed <n>',
      'a multiple of real time, as 60x; without it as fast as it goes',
      readBy(parseSpeed, SPEED_FORMAT),
    )
    .option(
      '--after <token>',
      'go on where an earlier replay came to; a file is continued',
      readBy((text) => parseToken(text), 'a token'),
    )
    .option(
      '--resume',
      'go on with the file of --out where it ends, whatever ended it; begin it where there is none',
    )
    .option('--json', 'for machines')
    .description('give a range of the history out again, in order within each shard: to a topic or as NDJSON')
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
    .action(act((options: ReplayLogOptions) => replayLog(options, loadSettings(), interrupted())));
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
  if (before.length === MOST_LOCATIONS)
    throw new InvalidArgumentError(`There may be at most ${MOST_LOCATIONS}.`);
  return [...before, id];
}

function types(type: string, before: EventType[] = []): EventType[] {
  const known = EVENT_TYPES.find((one) => one === type);
  if (!known) throw new InvalidArgumentError(`It must be one of ${EVENT_TYPES.join(', ')}.`);
  return [...before, known];
}
