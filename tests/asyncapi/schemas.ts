import { z } from 'zod';
import { codeSchema, correctionSchema, EVENT_TYPES, nameSchema, placeSchema, retractionSchema, SCHEMA_VERSION, statementSchema, voidSchema, type EventType } from '#libs/domain';

// AsyncAPI's own dialect of schemas is JSON Schema draft 7 with few words more.

export interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  [word: string]: unknown;
}

const inputOf = (schema: z.ZodType): Schema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  return rest as Schema;
};

const statement = inputOf(statementSchema);
const uuid = statement.properties!.statementId!;

/** The body of a command, with the statement that it is about. */
const command = (body: z.ZodType, description: string): Schema => {
  const { properties, required = [], ...rest } = inputOf(body);
  return { description, ...rest, properties: { statementId: uuid, ...properties }, required: ['statementId', ...required] };
};

const text: Schema = { type: 'string' };
const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** What a schema of something that comes in says of what goes out: readers must pass over fields that are new to them. */
function open(schema: Schema): Schema {
  const { additionalProperties: _closed, default: _filled, ...rest } = schema;
  return { ...rest, ...(rest.properties && { properties: Object.fromEntries(Object.entries(rest.properties).map(([name, one]) => [name, open(one)])) }) };
}

/** Properties of what comes in, some of them, as an event keeps them. */
function kept<N extends string>(schema: Schema, ...names: N[]): Record<N, Schema> {
  return Object.fromEntries(names.map((name) => [name, open(schema.properties![name]!)])) as Record<N, Schema>;
}

const instant: Schema = { type: 'string', format: 'date-time', description: 'UTC, to the millisecond' };
const precision: Schema = { enum: ['year', 'month', 'day', 'time'] };
const sha256: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };

const { claim, ...ofStatement } = kept(statement, 'claim', 'location', 'speaker', 'via', 'source', 'grading', 'extraction', 'reason');
const { quote: _quote, publishedAt: _publishedAt, ...ofSource } = ofStatement.source.properties!;
const source = object({ ...ofSource, quoteDigest: { ...sha256, description: 'Salted; the text itself is no part of the log' } }, [...Object.keys(ofSource), 'quoteDigest']);
const utterance = { speaker: ofStatement.speaker, via: ofStatement.via, source, statedAt: instant, statedPrecision: precision, publishedAt: instant, publishedPrecision: precision };
const OPTIONAL = ['speaker', 'via', 'source', 'reason'];

const place = kept(inputOf(placeSchema), 'names', 'codes', 'coordinates', 'country', 'countries', 'region', 'within');
const ofPlace = { locationId: ofStatement.location.properties!.id!, reason: ofStatement.reason };
const toponym = kept(inputOf(nameSchema), 'name', 'language', 'script', 'kind');

const { minItems: _aName, ...names } = place.names;
const code = kept(inputOf(codeSchema), 'scheme', 'value');
const resolution = {
  description: 'How the place was found, where that is more than its id or its name tells',
  ...object({ kind: { enum: ['resolved', 'ambiguous'] }, by: { enum: ['code', 'coordinates', 'name'] }, candidates: { type: 'array', items: ofPlace.locationId, description: 'The registered places that it may be' } }, ['candidates']),
};

const claimData = object(
  {
    claim: { ...claim, required: ['predicate', 'modality', 'certainty'] },
    location: ofStatement.location,
    ...utterance,
    occurredAt: object({ from: instant, to: instant, precision: { enum: ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'time'] } }, ['to']),
    grading: ofStatement.grading,
    extraction: ofStatement.extraction,
    reason: ofStatement.reason,
    resolution,
    corrects: { ...uuid, description: 'The statement that it was recorded to correct' },
  },
  [...OPTIONAL, 'occurredAt', 'grading', 'extraction', 'resolution', 'corrects'],
);

const data = {
  claim: claimData,
  retraction: object({ retractionId: uuid, ...utterance, reason: ofStatement.reason }, OPTIONAL),
  mark: object({ retractionId: uuid, reason: ofStatement.reason, replacedBy: { ...uuid, description: 'The statement that was recorded in place of the voided one' } }, ['retractionId', 'reason', 'replacedBy']),
  registration: object({ ...ofPlace, ...place, names }, ['reason', 'codes', 'coordinates', 'country', 'countries', 'region', 'within']),
  nameAdded: object({ ...ofPlace, ...toponym }, ['reason', 'language', 'script', 'kind']),
  nameRemoved: object({ ...ofPlace, name: toponym.name }, ['reason']),
  code: object({ ...ofPlace, ...code }, ['reason']),
  position: object({ ...ofPlace, coordinates: place.coordinates }, ['reason']),
  merge: object({ ...ofPlace, into: ofPlace.locationId }, ['reason']),
  unmerge: object({ ...ofPlace, from: ofPlace.locationId }, ['reason']),
};

const DATA_OF: { [T in EventType]: keyof typeof data } = {
  'claim.asserted': 'claim',
  'claim.denied': 'claim',
  'claim.retracted': 'retraction',
  'statement.voided': 'mark',
  'statement.reinstated': 'mark',
  'location.registered': 'registration',
  'location.name-added': 'nameAdded',
  'location.name-removed': 'nameRemoved',
  'location.code-added': 'code',
  'location.code-removed': 'code',
  'location.positioned': 'position',
  'location.merged': 'merge',
  'location.unmerged': 'unmerge',
};

const event: Schema = {
  description: 'What the writer made: its canonical JSON (RFC 8785), to the byte as it is stored. Fields that are new to a reader it should pass over.',
  ...object(
    {
      eventId: uuid,
      type: { enum: EVENT_TYPES },
      schemaVersion: { const: SCHEMA_VERSION },
      stream: { ...text, description: 'The id of the place that the statement was resolved to; `register` for events about places' },
      statementId: uuid,
      data: { type: 'object' },
      by: open(statement.properties!.by!),
    },
    ['statementId', 'by'],
  ),
  oneOf: EVENT_TYPES.map((type) => ({
    properties: { type: { const: type }, data: { $ref: `#/components/schemas/${DATA_OF[type]}` } },
    ...(!type.startsWith('location.') && { required: ['statementId'] }),
  })),
};

const correct = command(correctionSchema, 'A curator records `statement` in place of another one (`statementId`), an ingest mistake, and voids that one');

export const schemas: Record<string, Schema> = {
  statement,
  retract: command(retractionSchema, 'A speaker takes back what its own side said'),
  correct: { ...correct, properties: { ...correct.properties, statement: { $ref: '#/components/schemas/statement' } } },
  void: command(voidSchema, 'A curator marks a statement, or a retraction (its id as `statementId`), as an ingest mistake'),
  event,
  ...data,
};
