import { z } from 'zod';
import { partySchema, sideSchema } from '#libs/domain';
import { answerFields } from '#libs/queries';
import { JOB_STATES } from '#libs/jobs';
import { eventType } from './receipts.js';

// Runs of replays, and rulesets.

const { count, instant, locationId, pageOf, text, token, uuid } = answerFields;

const version = text('The version of a ruleset', '2025-11-1');
const status = (description: string) => text(description, 'contested').nullable();

// The specification and the result of a run are objects with the fields of every kind: generated clients misread a choice
// without a discriminating field.

const of = (what: string, description: string) => `For a ${what}: ${description}`;

const spec = z
  .object({
    rulesetVersion: text(of('rebuild', 'the ruleset to fold with'), '2025-11-1').optional(),
    compare: z
      .boolean()
      .optional()
      .meta({ description: of('rebuild', 'only compare, and list the changes') }),
    topic: text(of('publishing', 'where to'), 'history').optional(),
    after: token(of('publishing', 'where it begins')).optional(),
    to: token(of('publishing', 'where it ends')).optional(),
    total: count(of('publishing', 'how many positions of the log are in between')).optional(),
    locations: z
      .array(locationId('A place'))
      .optional()
      .meta({ description: of('publishing', 'only events recorded on these places') }),
    types: z
      .array(eventType)
      .optional()
      .meta({ description: of('publishing', 'only events of these types') }),
    speed: z
      .number()
      .optional()
      .meta({ description: of('publishing', 'a multiple of real time (default: as fast as possible)') }),
  })
  .meta({ id: 'ReplaySpec', description: 'The specification of a run' });

const tableDigest = z
  .object({ rows: count('How many rows'), digest: text('A digest of them') })
  .meta({ id: 'TableDigest', description: 'The number of rows of a table and their digest' });
const statusCount = z
  .object({
    from: status('The status now; null: no such place'),
    to: status('What it would be; null: no such place'),
    places: count('How many places'),
  })
  .meta({ id: 'StatusCount', description: 'How many places would go from one status to another' });
const statusChange = z
  .object({
    id: locationId('The place'),
    name: text('Its name', 'Kupiansk'),
    from: statusCount.shape.from,
    to: statusCount.shape.to,
  })
  .meta({ id: 'StatusChange', description: 'A place that would change its status' });

const result = z
  .object({
    token: token('Where in the log it ended').optional(),
    events: count(of('rebuild', 'how many events were read')).optional(),
    seconds: z
      .number()
      .optional()
      .meta({ description: of('rebuild', 'how long it took, in seconds') }),
    rulesetVersion: z
      .unknown()
      .optional()
      .meta({
        description: of(
          'rebuild',
          'the version of the ruleset; of a comparison an object with the versions `from` and `to`',
        ),
      }),
    digests: z
      .record(z.string(), tableDigest)
      .optional()
      .meta({ description: of('rebuild', 'the digests of the new tables, by name') }),
    differing: z
      .array(z.string())
      .nullable()
      .optional()
      .meta({
        description: of(
          'rebuild',
          'the tables that differ from those before; null where they cannot be compared',
        ),
      }),
    changes: count(of('comparison', 'how many places would change their status')).optional(),
    counts: z
      .array(statusCount)
      .optional()
      .meta({ description: of('comparison', 'how many places from which status to which') }),
    first: z
      .array(statusChange)
      .optional()
      .meta({ description: of('comparison', 'the first places, by id') }),
    topic: text(of('publishing', 'where to'), 'history').optional(),
    messages: count(of('publishing', 'how many messages were sent; null if it was resumed'))
      .nullable()
      .optional(),
  })
  .meta({ id: 'ReplayResult', description: 'The result of a run' });

export const replay = z
  .object({
    replayId: uuid('The run'),
    kind: z.enum(['rebuild', 'publish']).meta({ title: 'ReplayKind', description: 'The kind of the run' }),
    state: z.enum(JOB_STATES).meta({ title: 'ReplayState', description: 'The state of the run' }),
    done: count('Units done'),
    total: count('Units in all; null while unknown').nullable(),
    rate: count('Recent rate, in `done` per second').nullable(),
    eta: instant('When it will be done at this rate').nullable(),
    spec,
    result: result.nullable(),
    error: text('Why it failed').nullable(),
    cursor: text(
      'Durable progress: for a publishing, the token after which another one can resume; null for a rebuild',
    ).nullable(),
    cancelRequested: z.boolean().meta({ description: 'True if it was asked to cancel' }),
    createdAt: instant('When it was requested'),
    startedAt: instant('When it was started').nullable(),
    updatedAt: instant('When this was updated'),
    endedAt: instant('When it ended').nullable(),
  })
  .meta({ description: 'A run of a replay' });

export const replays = pageOf(replay).meta({ description: 'A page of runs, newest first' });

export const rulesets = pageOf(
  z
    .object({
      version,
      firstUsedAt: instant('When it came into use'),
      inForce: z.boolean().meta({ description: 'Whether it is in force' }),
    })
    .meta({ id: 'RulesetVersion', description: 'A version of the ruleset' }),
).meta({ description: 'A page of versions of the ruleset' });

export const parties = z
  .object({
    version,
    sides: z.array(sideSchema).meta({ description: 'The sides' }),
    items: z.array(partySchema).meta({ description: 'The parties, by id; each side is one too' }),
    nextCursor: text('Always null: all are on one page').nullable(),
  })
  .meta({ description: 'The parties that the ruleset knows, with their sides' });
