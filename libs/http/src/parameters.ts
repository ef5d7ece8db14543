import { z } from 'zod';
import {
  AUDITED,
  EVENT_TYPES,
  FLAGS,
  LOCATION_ID,
  locationId,
  parseEnd,
  parseLocationId,
  parseMoment,
  parseToken,
  parseUuid,
  placeCode,
  PREDICATES,
  printable,
  remarks,
  STANCES,
  STATUSES,
  TIME_FORMAT,
  text,
  uuid,
  type BitemporalPoint,
  type Token,
  validationIssues,
} from '#libs/domain';
import { isHolder, KEY_ID } from '#libs/access';
import { LETTER_ID, LETTER_STATES } from '#libs/intake';
import { Problem } from '#libs/platform';
import { searchedWords } from '#libs/projection';
import { OUTCOMES, POSITIONS } from '#libs/queries';
import { MAX_LOCATIONS, parseFrom, parseSpeed, parseTo, SPEED_FORMAT } from '#libs/jobs';

// The query parameters of each request: these schemas validate them and describe the API.

/** Before the offset of a time: a `+` that was not escaped. */
const BLANK_OFFSET = / (?=\d\d:?\d\d(?:@|$))/g;

const readBy = <T>(
  read: (given: string) => T | undefined,
  expected: string,
  description: string,
  example: string,
) =>
  z
    .string()
    .max(2000)
    .transform((given, context): T => {
      const value = read(given.trim());
      if (value !== undefined) return value;
      const plus = given.trim().replaceAll(BLANK_OFFSET, '+');
      const hint =
        plus.includes('+') && read(plus) !== undefined
          ? `; in a query a + means a blank: write ${plus.replaceAll('+', '%2B')}`
          : '';
      context.addIssue({ code: 'custom', message: `must be ${expected}${hint}` });
      return z.NEVER;
    })
    .meta({ description, examples: [example] });

const from = (what: string) =>
  readBy(
    (given) => parseMoment(given)?.at,
    TIME_FORMAT,
    `${what}: from this time on; a date means its start`,
    '2025-11-20',
  );
const to = (what: string) =>
  readBy(parseEnd, TIME_FORMAT, `${what}: up to this time; a date means its end`, '2025-11-21');
const name = text(200);

/** A number as it is written in a query. */
const whole = (digits: RegExp, expected: string, range: z.ZodInt) =>
  z.string().regex(digits, expected).transform(Number).pipe(range);

/**
 * The parts of a list: the parameter repeated, or joined by commas. They are counted before each is checked, because a query of
 * 64 kB may have 32,000.
 */
const parts = (most: number) =>
  z.union([z.string(), z.array(z.string())]).transform((given, context): string[] => {
    const all = [...new Set([given].flat().flatMap((one) => one.split(',')))];
    if (all.length <= most) return all;
    context.addIssue({ code: 'custom', message: `must have at most ${most} values` });
    return z.NEVER;
  });

const MAX_SEVERAL = 50;

/** Several values. */
const several = <T extends string>(values: readonly T[], title: string, description: string) =>
  parts(MAX_SEVERAL)
    .pipe(
      z
        .array(z.enum(values as [T, ...T[]]).meta({ title }))
        .min(1)
        .max(MAX_SEVERAL),
    )
    .meta({ description });

/** Ids of places, and the stream of events about places themselves. */
const places = parts(MAX_LOCATIONS)
  .pipe(
    z
      .array(z.string().regex(LOCATION_ID, 'must be the id of a place, or "register"'))
      .min(1)
      .max(MAX_LOCATIONS),
  )
  .meta({
    description:
      `Only events recorded on these places, at most ${MAX_LOCATIONS}: repeated, or joined by commas; ` +
      '"register" for events about places themselves',
  });

/** How long a question waits by default, in milliseconds. */
export const DEFAULT_WAIT_MS = 5000;

const wait = whole(
  /^\d{1,6}$/,
  'must be milliseconds',
  z.int().min(0).max(30_000, 'must be at most 30000'),
).meta({
  description: 'How long to wait for `after` and `knownAt`, in milliseconds: at most 30000 (default 5000)',
  default: DEFAULT_WAIT_MS,
});

const token = readBy(
  parseToken,
  'a token: shard:position, several joined by commas',
  'The token of a write',
  '3:1042',
);

/** Every read can wait until the read models have reached a token. */
const readYourWrites = { after: token.optional(), wait: wait.optional() };

const paging = {
  limit: whole(
    /^\d{1,4}$/,
    'must be a whole number',
    z.int().min(1, 'must be 1 to 500').max(500, 'must be 1 to 500'),
  )
    .default(50)
    .meta({ description: 'Items in a page: 1 to 500 (default 50)' }),
  // The cursor of a list of places holds the position of each shard, of which there may be a thousand.
  cursor: z.string().min(1).max(12_000).optional().meta({ description: 'nextCursor of the previous page' }),
};

const point = {
  asOf: readBy(
    parseEnd,
    TIME_FORMAT,
    'Only what was stated by then; a date means its end',
    '2025-11-20',
  ).optional(),
  knownAt: readBy(
    parseEnd,
    TIME_FORMAT,
    'Only what was recorded by then; a date means its end. The answer waits until all of that is projected; ' +
      'a future time means now',
    '2026-01-01T12:00:00Z',
  ).optional(),
};

/** Every question about a state. */
const by = {
  ruleset: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'Version of the ruleset to fold with, one that was ever used (default: the one in force)',
      examples: ['russia-ukraine-2025-11.1'],
    }),
};

const MOMENT =
  'now, or a time: what was stated by then; after @ another time: what was recorded by then; ' +
  'as in 2025-11-20@2025-11-25 or @2025-11-25';

/** One moment with both its times: asOf, asOf@knownAt, @knownAt or now. */
const moment = (description: string) =>
  readBy(
    (given): BitemporalPoint | undefined => {
      if (given === 'now') return { asOf: null, knownAt: null };
      const times = given.split('@').map((time) => (time === '' ? null : parseEnd(time)));
      const [asOf, knownAt = null] = times;
      if (
        times.length > 2 ||
        asOf === undefined ||
        times.includes(undefined) ||
        (asOf === null && knownAt === null)
      )
        return undefined;
      return { asOf, knownAt };
    },
    MOMENT,
    `${description}: ${MOMENT}. A date means its end`,
    '2025-11-20@2025-11-25',
  );

/** Both bounds of a range; of two times the first must not be after the second. */
const inTurn = <
  T extends z.ZodObject<{
    from: z.ZodType<Token | string | undefined>;
    to: z.ZodType<Token | string | undefined>;
  }>,
>(
  schema: T,
) =>
  schema.refine(({ from, to }) => typeof from !== 'string' || typeof to !== 'string' || from <= to, {
    path: ['from'],
    message: 'must not be after to',
  });

/** Refuses each of some parameters that is given where others do not allow it. */
const refused =
  <T extends object>(
    names: readonly (keyof T & string)[],
    { where, message }: { where: (given: T) => boolean; message: string },
  ) =>
  (given: T, context: z.core.$RefinementCtx): void => {
    if (!where(given)) return;
    for (const name of names)
      if (given[name] !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  };

const predicate = z
  .enum(PREDICATES)
  .meta({ title: 'Predicate' })
  .optional()
  .meta({ description: 'Only statements with this predicate' });
const stance = z
  .enum(STANCES)
  .meta({ title: 'Stance' })
  .optional()
  .meta({ description: 'Only statements with this stance' });

const DEGREES = /^-?\d{1,3}(\.\d{1,20})?$/;

const bbox = readBy(
  (given) => {
    const parts = given.split(',').map((part) => part.trim());
    if (parts.length !== 4 || !parts.every((part) => DEGREES.test(part))) return undefined;
    const [west, south, east, north] = parts.map(Number) as [number, number, number, number];
    const onGlobe =
      [west, east].every((lon) => Math.abs(lon) <= 180) && [south, north].every((lat) => Math.abs(lat) <= 90);
    return onGlobe && south <= north ? ([west, south, east, north] as const) : undefined;
  },
  'west,south,east,north in degrees, with south not above north',
  'west,south,east,north in degrees (WGS84); west above east crosses the antimeridian',
  '36,49,38,51',
);

/** Which places: the filters that lists, the map and the live stream share. */
const placeFilter = {
  status: several(
    STATUSES,
    'Status',
    'Places with one of these statuses; repeated, or joined by commas',
  ).optional(),
  side: name
    .optional()
    .meta({ description: 'Places where this side, or the side of this party, is a holder' }),
  flag: z.enum(FLAGS).optional().meta({ description: 'Places where this flag is raised' }),
  q: name
    .optional()
    .meta({ description: 'Part of any name, in any script; of one or two letters: the start of a word' }),
  bbox: bbox.optional(),
  // A name may have a comma.
  region: z
    .union([z.string(), z.array(z.string()).max(MAX_SEVERAL, `must have at most ${MAX_SEVERAL} values`)])
    .transform((given) => [...new Set([given].flat())])
    .pipe(z.array(name))
    .optional()
    .meta({ description: 'Places in one of these regions, as states name them; repeated for several' }),
};

/** Which places a list shows. */
const listFilter = { ...placeFilter, changedSince: from('lastRecordedAt').optional() };

const trueOrFalse = (description: string) =>
  z
    .enum(['true', 'false'])
    .transform((given) => given === 'true')
    .pipe(z.boolean())
    .optional()
    .meta({ description });

/** Which changes. */
const changeFilter = {
  from: from('When it changed').optional(),
  to: to('When it changed').optional(),
  status: several(STATUSES, 'Status', 'The new status; repeated, or joined by commas').optional(),
  side: name
    .optional()
    .meta({ description: 'Changes before or after which this side, or the side of this party, is a holder' }),
  bbox: bbox.optional(),
  knownAt: point.knownAt,
};

const MAX_SEARCHED_WORDS = 10;

/** Which statements. */
const statementFilter = {
  speaker: name.optional().meta({ description: 'The name of the speaker, compared folded' }),
  party: name.optional().meta({ description: 'The party of the speaker, by id or by a name' }),
  outlet: name.optional().meta({ description: 'The outlet, compared folded' }),
  url: text(2048).optional().meta({ description: 'The URL of the source' }),
  text: text(200)
    .refine((given) => searchedWords(given).length > 0, 'must have a letter or a digit')
    .refine(
      (given) => searchedWords(given).length <= MAX_SEARCHED_WORDS,
      `must have at most ${MAX_SEARCHED_WORDS} words`,
    )
    .optional()
    .meta({
      description:
        `Words of the quote, at most ${MAX_SEARCHED_WORDS}, in any order, case and script, compared folded: each must occur, as a ` +
        'word or the beginning of one; in scripts without spaces, anywhere. An erased quote is not found',
      examples: ['звільнено куп'],
    }),
  predicate,
  stance,
  from: from('statedAt').optional(),
  to: to('statedAt').optional(),
};

/** Statements by what has become of them. */
const outcomeFilter = {
  outcome: z
    .enum(OUTCOMES)
    .optional()
    .meta({
      description:
        'Only statements with this outcome by now, as /v1/speakers/{name} and /v1/outlets/{name} count them; with `speaker` or ' +
        '`outlet`. 10,000 statements are followed for a page: it may be short while nextCursor names more',
    }),
  position: z
    .enum(POSITIONS)
    .optional()
    .meta({ description: 'Only statements for, or against, the control of a holder, as those count them' }),
};

/** How an export is written. */
const exported = {
  format: z
    .enum(['csv', 'ndjson', 'geojson'])
    .optional()
    .meta({ description: 'The form, whatever `Accept` says (default: by `Accept`, else csv)' }),
  excel: trueOrFalse('CSV begins with a byte order mark, by which Excel knows its encoding'),
};

const strict = trueOrFalse('Refuse parties and actors that the ruleset does not know');

const older = token.meta({ description: 'The older trees: the token of a checkpoint' });
const newer = token.meta({
  description: 'The newer trees; a shard that it does not name is taken as it is now',
});

const shard = whole(/^(0|[1-9]\d{0,3})$/, 'must be the number of a shard', z.int().min(0)).meta({
  description:
    'The tree of this shard only, as a C2SP tlog-checkpoint: text, or JSON where only `application/json` is accepted',
  examples: [0],
});

const holder = z
  .string()
  .refine(isHolder, 'must be the id of a key, or issuer#subject of an account')
  .meta({
    description: 'Whose sessions: the id of a key, or issuer and subject of an account, joined by `#`',
    examples: ['4f0c2b1e6a51'],
  });

const identity = (description: string) => uuid.meta({ description });

/** Parts of paths, for the description. They are parsed apart, because a wrong one answers 404. */
export const path = {
  location: z
    .string()
    .regex(LOCATION_ID)
    .meta({ description: 'The id of the place', examples: ['gn-703656'] }),
  statement: identity('The id of the statement'),
  speaker: name.meta({ description: 'The name of the speaker, compared folded' }),
  outlet: name.meta({ description: 'The outlet, compared folded' }),
  statementOrRetraction: identity('The id of the statement or the retraction'),
  event: identity('The id of the event'),
  replay: identity('The id of the run'),
  session: identity('The id of the session'),
  deadLetter: z
    .string()
    .regex(LETTER_ID)
    .meta({
      description: 'The id of the dead letter: topic:partition:offset',
      examples: ['claimline.statements.v1:7:0'],
    }),
  key: z
    .string()
    .regex(KEY_ID)
    .meta({ description: 'The id of the key', examples: ['4f0c2b1e6a51'] }),
};

export const parameters = {
  none: z.strictObject({}),
  record: z.strictObject({
    dryRun: trueOrFalse('Validate and resolve, record nothing'),
    strict,
    results: z
      .enum(['all', 'refused'])
      .optional()
      .meta({ description: 'NDJSON only: `all` answers a line for every statement' }),
  }),
  batch: z.strictObject({ dryRun: trueOrFalse('Validate and resolve, record nothing'), strict }),
  retract: z.strictObject({ strict }),
  remarks: z.strictObject(remarks),
  removedName: z.strictObject({
    name: text(200).meta({
      description: 'The name, as in the path of the other operation',
      examples: ['..'],
    }),
    ...remarks,
  }),
  removedCode: z.strictObject({ ...placeCode.shape, ...remarks }),
  locations: z
    .strictObject({
      ...listFilter,
      order: z
        .enum(['id', 'name', 'changed', 'statements'])
        .default('id')
        .meta({
          description:
            'By id; by name; `changed`: last recorded first; `statements`: most first. Pages include every place that ' +
            'existed at the first page: in an order other than `id`, places that changed meanwhile come again at ' +
            'the end, by id. An order other than `id` is of the present only: it takes no asOf, knownAt or ruleset, and its ' +
            'answer links to no bookmark',
        }),
      ...point,
      ...by,
      ...paging,
      ...readYourWrites,
    })
    .refine(({ asOf, knownAt, ruleset, order }) => order === 'id' || !(asOf || knownAt || ruleset), {
      path: ['order'],
      message: 'must be id at a past moment, or with a ruleset',
    }),
  location: z.strictObject({ ...point, ...by, ...readYourWrites }),
  timeline: inTurn(
    z.strictObject({
      from: from('statedAt').optional(),
      to: to('statedAt').optional(),
      stance,
      side: name.optional().meta({ description: 'The side, or the side of the party, that spoke' }),
      predicate,
      order: z.enum(['asc', 'desc']).default('asc').meta({ description: 'Oldest or newest first' }),
      ...point,
      ...by,
      ...paging,
      ...readYourWrites,
    }),
  ),
  history: z.strictObject({ ...point, ...by, ...paging, ...readYourWrites }),
  compare: z.strictObject({
    a: moment('The first moment'),
    b: moment('The second moment (default: now)').optional(),
    ...by,
    ...paging,
    ...readYourWrites,
  }),
  map: z.strictObject({
    ...listFilter,
    zoom: whole(/^\d{1,2}$/, 'must be a whole number', z.int().min(0).max(22, 'must be 0 to 22'))
      .optional()
      .meta({
        description:
          'The zoom of a web map, 0 to 22: where more places match than are shown one by one, they are counted by cells for it',
      }),
    ...point,
    ...by,
    ...readYourWrites,
  }),
  facets: z.strictObject({ ...listFilter, ...point, ...by, ...readYourWrites }),
  changes: inTurn(
    z.strictObject({
      ...changeFilter,
      order: z
        .enum(['oldest', 'newest'])
        .default('oldest')
        .meta({ description: 'Oldest or newest first; with knownAt or ruleset they come place by place' }),
      statement: trueOrFalse('Each change with the statement that caused it'),
      ...by,
      ...paging,
      ...readYourWrites,
    }),
  ).refine(({ knownAt, ruleset, order }) => order === 'oldest' || !(knownAt || ruleset), {
    path: ['order'],
    message: 'must be oldest with knownAt or ruleset',
  }),
  mapChanges: inTurn(z.strictObject({ ...changeFilter, ...by, ...readYourWrites })),
  statements: inTurn(
    z.strictObject({ ...statementFilter, ...outcomeFilter, ...point, ...paging, ...readYourWrites }),
  )
    .superRefine(
      refused(['outcome', 'position'], {
        where: ({ speaker, outlet }) => (speaker ?? outlet) === undefined,
        message: 'needs `speaker` or `outlet`',
      }),
    )
    .superRefine(
      refused(['outcome', 'position'], {
        where: ({ asOf, knownAt }) => (asOf ?? knownAt) !== undefined,
        message: 'is that of now: leave out asOf and knownAt',
      }),
    ),
  exportedLocations: z.strictObject({ ...listFilter, ...point, ...by, ...exported, ...readYourWrites }),
  exportedStatements: inTurn(
    z.strictObject({
      ...statementFilter,
      location: locationId
        .optional()
        .meta({ description: 'Only statements about this place, and those merged into it' }),
      side: name
        .optional()
        .meta({ description: 'With `location`: the side, or the side of the party, that spoke' }),
      ...point,
      ...by,
      ...exported,
      ...readYourWrites,
    }),
  ).superRefine(
    refused(['side', 'ruleset'], {
      where: ({ location }) => location === undefined,
      message: 'is of the statements about one place: give location too',
    }),
  ),
  exportedChanges: inTurn(z.strictObject({ ...changeFilter, ...by, ...exported, ...readYourWrites })),
  statement: z.strictObject({ ...point, ...readYourWrites }),
  named: z.strictObject({ name }),
  outcomes: inTurn(
    z.strictObject({
      from: from('statedAt').optional(),
      to: to('statedAt').optional(),
      ...point,
      ...by,
      ...readYourWrites,
    }),
  ),
  events: inTurn(
    z.strictObject({
      after: token
        .optional()
        .meta({ description: 'Events after this token; a shard that it does not name starts at 0' }),
      from: readBy(
        parseFrom,
        `a token, or ${TIME_FORMAT}`,
        'Events recorded from this time on (a date means its start), or after this token',
        '2025-11-20',
      ).optional(),
      to: readBy(
        parseTo,
        `a token, or ${TIME_FORMAT}`,
        'Events recorded up to this time (a date means its end), or up to this token',
        '2025-11-21',
      ).optional(),
      locations: places.optional(),
      types: several(
        EVENT_TYPES,
        'EventType',
        'Only events of these types; repeated, or joined by commas',
      ).optional(),
      speed: readBy(
        parseSpeed,
        SPEED_FORMAT,
        'NDJSON only: a multiple of real time, by the times of recording (default: as fast as it is read)',
        '60x',
      ).optional(),
      ...paging,
    }),
  ),
  replays: z.strictObject(paging),
  audit: inTurn(
    z.strictObject({
      types: several(EVENT_TYPES, 'EventType', 'Only events of these types')
        .refine((types) => types.every((type) => AUDITED.includes(type)), {
          error: 'must be types of commands: statements and retractions are none',
        })
        .optional()
        .meta({
          description:
            'Only events of these types, which are not those of statements and retractions; repeated, or joined by commas',
        }),
      by: text(400)
        .optional()
        .meta({
          description:
            'Who did it: `by` or `onBehalfOf` of the event; of a key or an account its name or its id alone, too',
          examples: ['desk'],
        }),
      from: from('recordedAt').optional(),
      to: to('recordedAt').optional(),
      location: locationId
        .optional()
        .meta({ description: 'What was done to this place, or to statements recorded on it' }),
      statement: uuid
        .optional()
        .meta({
          description: 'What was done to this statement or retraction, or what this statement corrected',
        }),
      ...paging,
    }),
  ),
  rulesets: z.strictObject(paging),
  keys: z.strictObject(paging),
  sessions: z.strictObject({ of: holder.optional(), ...paging }),
  holder: z.strictObject({ of: holder }),
  deadLetters: z.strictObject({
    state: z
      .enum(LETTER_STATES)
      .default('open')
      .meta({ description: 'Those not decided on, those retried, those discarded, or all (default: open)' }),
    code: text(100)
      .optional()
      .meta({ description: 'Only those with this code', examples: ['location-unknown'] }),
    text: text(200).optional().meta({ description: 'Part of the code or the detail' }),
    ...paging,
  }),
  proof: z.strictObject({
    size: whole(/^[1-9]\d{0,14}$/, 'must be a whole number above 0', z.int().min(1))
      .optional()
      .meta({
        description: 'The size of the tree that contains the event (default: the newest)',
        examples: [1042],
        format: 'int64',
      }),
  }),
  consistency: z.strictObject({ from: older, to: newer.optional() }),
  checkpointNow: z.strictObject({ shard: shard.optional() }),
  checkpoint: z
    .strictObject({ from: older.optional(), to: newer.optional(), shard: shard.optional() })
    .refine(({ shard, from, to }) => shard === undefined || (from === undefined && to === undefined), {
      path: ['shard'],
      message: 'must not be combined with `from` and `to`',
    })
    .refine(({ from, to }) => from !== undefined || to === undefined, {
      path: ['from'],
      message: 'is needed with `to`',
    }),
  signIn: z.strictObject({
    returnTo: z
      .string()
      .max(1000)
      // A second slash, or what browsers take for one, would lead to another host.
      .regex(/^\/(?:[!-.0-[\]-~][!-[\]-~]*)?$/, 'must be a path of this service')
      .optional()
      .meta({ description: 'Where the page goes on after the sign-in', examples: ['/'] }),
  }),
  stream: z.strictObject({
    ...placeFilter,
    after: token.optional().meta({ description: 'Where to start, without a Last-Event-ID (default: now)' }),
  }),
};

/** What a query is parsed to. */
export type Parsed<Name extends keyof typeof parameters> = z.output<(typeof parameters)[Name]>;

/** What each schema makes of a query without parameters, as most requests have it: frozen, for all share it. */
const OF_NONE = new Map<z.ZodType, object>();

const isRepeated = (query: unknown, pointer: string, detail: string): boolean =>
  detail === 'must be a string' && Array.isArray((query as Record<string, unknown>)[pointer.slice(1)]);

/** Checks a query. @throws Problem `query-invalid` that names every wrong parameter */
export function parseQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  const isEmpty = Object.keys(query as object).length === 0;
  const ready = isEmpty && OF_NONE.get(schema);
  if (ready) return ready as z.output<T>;
  const parsed = schema.safeParse(query);
  if (parsed.success) {
    if (isEmpty) OF_NONE.set(schema, Object.freeze(parsed.data as object));
    return parsed.data;
  }
  const faults = validationIssues(parsed.error).map(({ pointer, detail }) => ({
    pointer,
    detail: isRepeated(query, pointer, detail)
      ? 'may be given once'
      : detail === 'unknown field'
        ? 'unknown parameter'
        : detail,
  }));
  throw new Problem(
    422,
    'query-invalid',
    faults
      .map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`)
      .join('; ')
      .slice(0, 500),
    faults,
  );
}

/** @throws Problem 404 `location-not-found` where the text cannot be the id of a place */
export function locationIdOf(given: string) {
  const id = parseLocationId(given);
  if (id) return id;
  throw new Problem(404, 'location-not-found', `no place has the id ${shortened(given)}`);
}

/** @throws Problem 404 with the code given where the text is no UUID */
export function uuidOf(
  given: string,
  code: 'statement-not-found' | 'event-not-found' | 'replay-not-found' | 'session-not-found',
): string {
  const id = parseUuid(given);
  if (id) return id;
  throw new Problem(404, code, `nothing has the id ${shortened(given)}`);
}

const MAX_SHOWN = 100;

/** An id as a problem shows it. */
const shortened = (id: string): string => printable(id, MAX_SHOWN);
