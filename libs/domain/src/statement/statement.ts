import { z } from 'zod';
import { validationIssues } from '../values/validation-issues.js';
import {
  canonicalJson,
  retractionIdOf,
  sha256,
  statementIdOf,
  writeFields,
  type StatementId,
  type WrittenFields,
} from '../values/identity.js';
import { placeReference, type PlaceReference } from './place-reference.js';
import { accept, refuse, type Result } from '../values/refusal.js';
import { name, text } from '../values/text.js';
import { endOfPeriod, moment, parseMoment, TIME_FORMAT, type TimeWithPrecision } from '../values/time.js';

export const PREDICATES = [
  'captured',
  'controls',
  'lost',
  'withdrew',
  'encircled',
  'entered',
  'fighting',
] as const;
export type Predicate = (typeof PREDICATES)[number];

export const STANCES = ['assert', 'deny'] as const;
export type Stance = (typeof STANCES)[number];

const DAY_MS = 24 * 60 * 60 * 1000;
/** The earliest year in which a recorded statement may have been said: 0025 is a typing error for 2025. */
const EARLIEST_YEAR = '1900';

/** Of any version, in any case; kept in lower case. */
export const uuid = z
  .string()
  .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, 'must be a UUID')
  .toLowerCase()
  .meta({ format: 'uuid' });

/** The fields of an extent; their combinations are checked separately. */
export const extentFields = z.strictObject({
  op: z
    .enum(['=', '>', '>=', '<', '<='])
    .optional()
    .meta({ title: 'ExtentOperator', description: 'How `percent` is meant; goes with it' }),
  percent: z
    .number()
    .gt(0, 'must be above 0')
    .max(100, 'must be at most 100')
    .optional()
    .meta({ description: 'Percent of the place, above 0', examples: [80] }),
  part: text(200)
    .optional()
    .meta({
      description: 'A part in words, instead of `op` and `percent`',
      examples: ['northern districts'],
    }),
});

export const extent = extentFields
  .superRefine(({ op, percent, part }, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (part !== undefined) {
      if (op !== undefined || percent !== undefined) fault(['part'], 'cannot be given with op or percent');
    } else if (op === undefined && percent === undefined) fault([], 'needs op and percent, or part');
    else if (op === undefined) fault(['op'], 'is required with percent');
    else if (percent === undefined) fault(['percent'], 'is required with op');
    else if (op === '>' && percent === 100) fault(['percent'], 'nothing is more than 100 % of a place');
  })
  .transform(({ op, percent, part }): Extent =>
    part !== undefined ? { part } : { op: op!, percent: percent! },
  )
  .meta({
    title: 'Extent',
    description: 'How much of the place: `op` and `percent`, or `part`. Absent: the place as such',
    examples: [{ op: '>', percent: 80 }],
  });

export type Extent = { op: '=' | '>' | '>=' | '<' | '<='; percent: number } | { part: string };

export const claim = z
  .strictObject({
    predicate: z.enum(PREDICATES).meta({ title: 'Predicate', description: 'What is claimed of the place' }),
    actor: name(200)
      .optional()
      .meta({
        description:
          'The party that the claim is about, by id or by a name: the one that captured, controls, lost, withdrew, ' +
          'encircles or entered. Required except for `fighting`',
        examples: ['russia'],
      }),
    extent: extent.optional(),
    target: text(500)
      .optional()
      .meta({
        description: 'Free text: the one that is encircled or fought; not part of the identity of the claim',
        examples: ['a garrison'],
      }),
    modality: z
      .enum(['actual', 'intended', 'conditional'])
      .meta({
        title: 'Modality',
        description: 'An intended or conditional claim is a hint: it moves no standing',
      })
      .default('actual'),
    certainty: z
      .enum(['plain', 'hedged'])
      .meta({ title: 'Certainty', description: 'A hedged claim is a hint: it moves no standing' })
      .default('plain'),
  })
  .superRefine(({ predicate, actor }, context) => {
    if (actor === undefined && predicate !== 'fighting')
      context.addIssue({
        code: 'custom',
        path: ['actor'],
        message: `is required: who ${predicate === 'encircled' ? 'encircles' : predicate}`,
      });
  })
  .meta({ title: 'Claim', description: 'What is claimed' });

const language = z
  .string()
  .max(35, { abort: true })
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag (BCP 47)');

export const speaker = z
  .strictObject({
    name: name(200)
      .optional()
      .meta({ description: 'Who spoke', examples: ['Valery Gerasimov'] }),
    role: text(300)
      .optional()
      .meta({ description: 'In what role', examples: ['Chief of the General Staff'] }),
    party: name(200)
      .optional()
      .meta({
        description: 'For which party, by id or by a name; a speaker without one is an independent',
        examples: ['russia'],
      }),
  })
  .meta({ title: 'Speaker', description: 'Who spoke. Required: a speaker, a `via` or `source.outlet`' });

const LINKS = ['http:', 'https:'];
/** The usual beginning of a URL with one of these schemes: it need not be taken apart. */
const HTTP = /^https?:/i;

export const span = z
  .strictObject({
    start: z.int().min(0).meta({ description: 'The first character, counted from 0' }),
    end: z.int().min(0).meta({ description: 'The one after the last' }),
  })
  .refine(({ start, end }) => start <= end, { path: ['end'], message: 'must not be before start' })
  .meta({ title: 'Span', description: 'Where in the document it stands, in characters' });

// A link may hold another one: in its path, its query or its fragment, or encoded. Whatever else stands before a second one
// separates the two.
const SEVERAL_LINKS = /\s|(?<=.)(?<![/=?#:&+]|%[\da-f]{2})https?:\/\/|[,;|](?:www\.|[a-z][a-z\d+.-]*:\/\/)/iu;

export const source = z
  .strictObject({
    outlet: name(200)
      .optional()
      .meta({ description: 'Who published it', examples: ['example.org'] }),
    url: text(2048)
      .refine((url) => URL.canParse(url) && (HTTP.test(url) || LINKS.includes(new URL(url).protocol)), {
        error: 'must be an http or https URL',
        abort: true,
      })
      .refine(
        (url) => !SEVERAL_LINKS.test(url),
        'must be one URL: of several links each makes a statement of its own',
      )
      .optional()
      .meta({ description: 'Where: an http or https URL', examples: ['https://example.org/a'] }),
    publishedAt: moment.optional(),
    language: language.optional().meta({ description: 'Its language: a tag of BCP 47', examples: ['en'] }),
    documentSha256: z
      .string()
      .regex(/^[0-9A-Fa-f]{64}$/, 'must be 64 hexadecimal digits')
      .toLowerCase()
      .optional()
      .meta({ description: 'sha256 of the document, in hexadecimal' }),
    span: span.optional(),
    quote: text(10_000, { lines: true })
      .optional()
      .meta({ description: 'The words as published. They are not part of the log and can be erased' }),
  })
  .meta({ title: 'Source', description: 'Where it was read' });

export const occurrencePrecision = z
  .enum(['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'time'])
  .meta({
    title: 'OccurrencePrecision',
    description: 'How exactly the time is known (default: as exactly as `from` is given)',
  });

/** A claim may be about any past time, but a year of two digits has lost its century. */
const happened = moment.refine(({ at }) => at >= '0100', 'has a year of two digits: 0025 is not 2025');

export const occurredAt = z
  .strictObject({ from: happened, to: happened.optional(), precision: occurrencePrecision.optional() })
  .refine(({ from, to }) => !to || from.at <= endOfPeriod(to), {
    path: ['to'],
    message: 'must not be before from',
  })
  .transform(({ from, to, precision }) => ({
    from: from.at,
    ...(to && { to: to.at }),
    precision: precision ?? from.precision,
  }))
  .meta({ title: 'OccurredAt', description: 'When it is said to have happened' });

/** Who makes a command and why: free text, kept with the event. */
export const remarks = {
  by: text(200)
    .optional()
    .meta({
      description:
        'Who makes this command: free text. Under a key it is kept beside the name of the key, as `onBehalfOf`',
      examples: ['worker-7'],
    }),
  reason: text(2000).optional().meta({ description: 'Why' }),
};

export const grading = z
  .strictObject({
    reliability: z
      .enum(['A', 'B', 'C', 'D', 'E', 'F'])
      .optional()
      .meta({ title: 'Reliability', description: 'Of the source: A (reliable) to F (cannot be judged)' }),
    credibility: z
      .int()
      .min(1)
      .max(6)
      .optional()
      .meta({ description: 'Of the information: 1 (confirmed) to 6 (cannot be judged)' }),
  })
  .meta({ title: 'Grading', description: 'How good it is held to be, by the Admiralty code' });

export const extraction = z
  .strictObject({
    method: text(100)
      .optional()
      .meta({ description: 'By what', examples: ['rules'] }),
    version: text(100)
      .optional()
      .meta({ description: 'Its version', examples: ['1.0.0'] }),
    confidence: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'How sure it is, 0 to 1', examples: [0.87] }),
  })
  .meta({ title: 'Extraction', description: 'How the statement was taken out of the document' });

const said = {
  speaker: speaker.optional(),
  via: z
    .array(name(200))
    .max(20)
    .optional()
    .meta({ description: 'Through whom it came, nearest to the speaker first', examples: [['TASS']] }),
  statedAt: moment.optional(),
  source: source.optional(),
};

export const statementSchema = z
  .strictObject({
    statementId: uuid
      .optional()
      .meta({
        description:
          'An id of your own, so that sending it again records nothing twice (default: derived from the content)',
      }),
    stance: z.enum(STANCES).meta({ title: 'Stance', description: 'Whether the claim is asserted or denied' }),
    claim,
    location: placeReference,
    ...said,
    occurredAt: occurredAt.optional(),
    grading: grading.optional(),
    extraction: extraction.optional(),
    ...remarks,
  })
  .meta({
    title: 'Statement',
    description:
      'Who says what about which place. Required: `statedAt` or `source.publishedAt`, and who spoke',
  });

export const retractionSchema = z
  .strictObject({
    retractionId: uuid
      .optional()
      .meta({ description: 'An id of your own (default: derived from the content)' }),
    ...said,
    ...remarks,
  })
  .meta({ title: 'Retraction', description: 'A speaker retracts a statement of its own side' });

/**
 * Reads by code that zod compiles from the schema; what that refuses, the schema reads again and names the faults. Compiling takes
 * tens of milliseconds: a process that reads no statement is spared them.
 */
function compiled<S extends z.ZodType>(schema: S): (input: unknown) => z.ZodSafeParseResult<z.output<S>> {
  let fast: S | undefined;
  return (input) => (fast ??= z.compile(schema)).safeParse(input);
}
const readStatement = compiled(statementSchema);
const readRetraction = compiled(retractionSchema);

export type Claim = z.output<typeof claim>;
export type Speaker = z.output<typeof speaker>;
export type Source = Omit<z.output<typeof source>, 'publishedAt'>;

/** The fields that a statement and a retraction share: the speaker, the times and the source. */
export interface Utterance {
  speaker?: Speaker;
  via?: string[];
  statedAt: Instant;
  statedPrecision: TimeWithPrecision['precision'];
  publishedAt: Instant;
  publishedPrecision: TimeWithPrecision['precision'];
  source?: Source;
}
type Instant = TimeWithPrecision['at'];

/** The content of a statement as given, in normal form: NFC, trimmed, UTC, defaults filled in. */
export interface StatementContent extends Utterance {
  stance: Stance;
  claim: Claim;
  location: PlaceReference;
  occurredAt?: z.output<typeof occurredAt>;
}

export interface Statement {
  id: StatementId;
  /** sha256 of the canonical content: equal for a repeat. */
  digest: Buffer;
  content: StatementContent;
  /** The content as canonical JSON. */
  written: WrittenFields;
  grading?: z.output<typeof grading>;
  extraction?: z.output<typeof extraction>;
  by?: string;
  reason?: string;
}

export interface Retraction {
  id: string;
  digest: Buffer;
  statementId: StatementId;
  content: Utterance;
  by?: string;
  reason?: string;
}

/**
 * Reads a statement as an ingest worker submits it.
 * @param input any value; JSON that was parsed
 * @param now the clock, as an instant: a time of stating or publishing more than a day after it is refused
 * @returns the statement with its identity, or `statement-invalid` with every wrong field
 */
export function parseStatement(input: unknown, now: Instant): Result<Statement> {
  const parsed = readStatement(input);
  const faults = parsed.success ? [] : validationIssues(parsed.error);
  faults.push(...utteranceFaults(input, now, parsed.data));
  if (!parsed.success || faults.length > 0) return invalid('statement-invalid', faults);
  const { statementId, stance, claim, location, occurredAt, grading, extraction, by, reason } = parsed.data;
  const content: StatementContent = addUtterance({ stance, claim, location }, parsed.data);
  if (occurredAt) content.occurredAt = occurredAt;
  const written = writeFields(content);
  return accept(
    addGiven(
      {
        id: (statementId as StatementId | undefined) ?? statementIdOf(written.text),
        digest: sha256(written.text),
        content,
        written,
      },
      { grading, extraction, by, reason },
    ),
  );
}

/** Reads the retraction of a statement, as `parseStatement` does; its fault code is `retraction-invalid`. */
export function parseRetraction(statementId: StatementId, input: unknown, now: Instant): Result<Retraction> {
  const parsed = readRetraction(input);
  const faults = parsed.success ? [] : validationIssues(parsed.error);
  faults.push(...utteranceFaults(input, now, parsed.data));
  if (!parsed.success || faults.length > 0) return invalid('retraction-invalid', faults);
  const { retractionId, by, reason } = parsed.data;
  const content: Utterance = addUtterance({}, parsed.data);
  const canonical = canonicalJson({ statementId, ...content });
  return accept({
    id: retractionId ?? retractionIdOf(canonical),
    digest: sha256(canonical),
    statementId,
    content,
    ...omitUndefined({ by, reason }),
  });
}

/**
 * Drops undefined and empty fields, so that a field left out and a field left empty give the same content.
 * @returns the fields themselves where there is nothing to drop
 */
export function omitUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  for (const name in fields) if (isLeftOut(fields[name])) return addGiven({}, fields);
  return fields as { [K in keyof T]: Exclude<T[K], undefined> };
}

/**
 * Adds fields that are neither undefined nor empty to an object that is new, which takes less time than spreading.
 * @param but a field that is not added
 */
export function addGiven<T extends object, F extends object, B extends keyof F = never>(
  to: T,
  fields: F,
  but?: B,
): T & { [K in Exclude<keyof F, B>]: Exclude<F[K], undefined> } {
  for (const name in fields)
    if ((name as keyof F) !== but && !isLeftOut(fields[name]))
      (to as Record<string, unknown>)[name] = fields[name];
  return to as T & { [K in Exclude<keyof F, B>]: Exclude<F[K], undefined> };
}

function isLeftOut(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  for (const _ in value) return false;
  return true;
}

interface Said {
  speaker?: Speaker | undefined;
  via?: string[] | undefined;
  statedAt?: TimeWithPrecision | undefined;
  source?: z.output<typeof source> | undefined;
}

/** Adds what statements and retractions share to an object that is new. */
function addUtterance<T extends object>(to: T, { speaker, via, statedAt, source }: Said): T & Utterance {
  const stated = (statedAt ?? source?.publishedAt)!;
  const published = source?.publishedAt ?? stated;
  return addGiven(to, {
    statedAt: stated.at,
    statedPrecision: stated.precision,
    publishedAt: published.at,
    publishedPrecision: published.precision,
    speaker: speaker && omitUndefined(speaker),
    via,
    source: source && addGiven({}, source, 'publishedAt'),
  });
}

const invalid = (
  code: 'statement-invalid' | 'retraction-invalid',
  faults: { pointer: string; detail: string }[],
) =>
  refuse(
    code,
    faults.length === 1
      ? `${faults[0]!.pointer || 'the body'} ${faults[0]!.detail}`
      : `${faults.length} fields are wrong`,
    faults,
  );

/**
 * The rules across fields; their faults are added to those of the schema, so that every wrong field is named at once.
 * @param read what the schema made of it, where it is valid
 */
function utteranceFaults(input: unknown, now: Instant, read?: Said) {
  const faults: { pointer: string; detail: string }[] = [];
  const body = fieldsOf(input);
  if (!body) return faults;
  const source = fieldsOf(body.source);
  const speaker = fieldsOf(body.speaker);
  for (const [pointer, value, time] of [
    ['/statedAt', body.statedAt, read?.statedAt],
    ['/source/publishedAt', source?.publishedAt, read?.source?.publishedAt],
  ] as const) {
    if (typeof value !== 'string') continue;
    const given = value.trim();
    const at = (time ?? parseMoment(given))?.at;
    if (at === undefined) continue;
    if (at > now && at > dayAfter(now)) faults.push({ pointer, detail: 'is more than a day in the future' });
    // The year as it was given, not the year in UTC.
    if (given < EARLIEST_YEAR)
      faults.push({ pointer, detail: `is before the year ${EARLIEST_YEAR}: is the year complete?` });
  }
  if (body.statedAt === undefined && source?.publishedAt === undefined)
    faults.push({ pointer: '/statedAt', detail: `is required, or source.publishedAt: ${TIME_FORMAT}` });
  const voices = [
    speaker?.name,
    speaker?.party,
    Array.isArray(body.via) ? (body.via as unknown[])[0] : body.via,
    source?.outlet,
  ];
  if (voices.every((voice) => voice === undefined))
    faults.push({
      pointer: '/speaker',
      detail: 'is required: a speaker, a via or source.outlet must say who spoke',
    });
  return faults;
}

const dayAfter = (now: Instant): Instant => new Date(Date.parse(now) + DAY_MS).toISOString();

const fieldsOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
