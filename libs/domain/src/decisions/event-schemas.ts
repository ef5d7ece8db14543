import { z } from 'zod';
import { CLAIMS, OPERATIONS, VOIDINGS, SCHEMA_VERSION } from '../events/events.js';
import { coordinates, locationId, placeCode, placeReferenceFields } from '../statement/place-reference.js';
import { placeSchema, toponym } from '../place/place-command.js';
import {
  claim,
  extentFields,
  extraction,
  grading,
  occurrencePrecision,
  remarks,
  source,
  span,
  speaker,
  statementSchema,
  uuid,
} from '../statement/statement.js';
import { PRECISIONS } from '../values/time.js';

// The events as readers see them, for the API descriptions; a test compares them with the types in events.ts. Their
// objects are open, while those of the input are closed: readers ignore fields that are new to them.

const instant = (description: string) =>
  z.string().meta({ format: 'date-time', description: `${description}: UTC, to the millisecond` });
const precision = z
  .enum(PRECISIONS)
  .meta({ title: 'Precision', description: 'How exactly a time was given' });
const { reason } = remarks;

const recordedPlaceCode = z
  .object(placeCode.shape)
  .meta({ title: 'RecordedPlaceCode', description: 'The id of a place in another register' });
const recordedToponym = z
  .object(toponym.shape)
  .meta({ title: 'RecordedToponym', description: 'A name of a place' });

const recordedClaim = z
  .object({
    ...claim.shape,
    extent: z
      .object(extentFields.shape)
      .meta({
        title: 'RecordedExtent',
        description: 'How much of the place: `op` and `percent`, or `part`. Absent: the place as such',
      })
      .optional(),
    modality: claim.shape.modality.unwrap(),
    certainty: claim.shape.certainty.unwrap(),
  })
  .meta({ title: 'RecordedClaim', description: 'What is claimed' });

const recordedReference = z
  .object({ ...placeReferenceFields.shape, code: recordedPlaceCode.optional() })
  .meta({
    title: 'RecordedPlaceReference',
    description: 'The place as it was given: by `id`, by `code` or by `name`',
  });

const { quote: _quote, publishedAt: _publishedAt, ...ofSource } = source.shape;
const recordedSource = z
  .object({
    ...ofSource,
    span: z
      .object(span.shape)
      .meta({ title: 'RecordedSpan', description: 'Where in the document it stands, in characters' })
      .optional(),
    quoteDigest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description: 'sha256 of the salted quote, in hexadecimal; the text itself is not part of the log',
      }),
  })
  .meta({ title: 'RecordedSource', description: 'Where it was read' });

const utterance = {
  speaker: z.object(speaker.shape).meta({ title: 'RecordedSpeaker', description: 'Who spoke' }).optional(),
  via: statementSchema.shape.via,
  source: recordedSource.optional(),
  statedAt: instant('When it was said (default: when it was published)'),
  statedPrecision: precision,
  publishedAt: instant('When it was published (default: when it was said)'),
  publishedPrecision: precision,
};

export const resolutionSchema = z
  .object({
    kind: z
      .enum(['resolved', 'provisional', 'ambiguous'])
      .meta({
        title: 'ResolutionKind',
        description: 'Whether one registered place was found, none, or several candidates',
      }),
    by: z
      .enum(['id', 'code', 'name', 'coordinates'])
      .meta({ title: 'ResolutionBasis', description: 'What it was found by' }),
    candidates: z
      .array(locationId)
      .optional()
      .meta({ description: 'The registered places that it may be, the first 50' }),
  })
  .meta({ title: 'Resolution', description: 'How the place of a statement was found' });

const claimData = z
  .object({
    claim: recordedClaim,
    location: recordedReference,
    ...utterance,
    occurredAt: z
      .object({ from: instant('From'), to: instant('To').optional(), precision: occurrencePrecision })
      .meta({ title: 'RecordedOccurrence', description: 'When it is said to have happened' })
      .optional(),
    grading: z
      .object(grading.shape)
      .meta({ title: 'RecordedGrading', description: 'How good it is held to be, by the Admiralty code' })
      .optional(),
    extraction: z
      .object(extraction.shape)
      .meta({ title: 'RecordedExtraction', description: 'How the statement was taken out of the document' })
      .optional(),
    reason,
    resolution: resolutionSchema.optional(),
    corrects: uuid.optional().meta({ description: 'The statement that it corrects' }),
  })
  .meta({ title: 'ClaimData', description: 'A claim that is asserted or denied' });

const retractionData = z
  .object({ retractionId: uuid.meta({ description: 'The retraction' }), ...utterance, reason })
  .meta({ title: 'RetractionData', description: 'A speaker retracts a statement of its own side' });
const voidingData = z
  .object({
    retractionId: uuid
      .optional()
      .meta({ description: 'The retraction, where that is voided or reinstated, not the statement itself' }),
    reason,
    replacedBy: uuid
      .optional()
      .meta({ description: 'The statement that was recorded in place of the voided one' }),
  })
  .meta({
    title: 'MarkData',
    description: 'A curator voids an ingest mistake, or reinstates what was voided',
  });

const ofPlace = { locationId, reason };
const registrationData = z
  .object({
    ...ofPlace,
    names: z.array(recordedToponym).meta({ description: 'Its names' }),
    codes: z.array(recordedPlaceCode).optional().meta({ description: 'Its ids in other registers' }),
    coordinates: coordinates.optional(),
    ...pick(placeSchema.shape, 'country', 'countries', 'region', 'within'),
  })
  .meta({
    title: 'RegistrationData',
    description:
      'A place of a register. Registering it again adds names and codes, and replaces all other fields',
  });
const nameData = z
  .object({ ...ofPlace, ...toponym.shape })
  .meta({ title: 'NameData', description: 'A name that is added to a place or removed' });
const codeData = z
  .object({ ...ofPlace, ...placeCode.shape })
  .meta({ title: 'CodeData', description: 'An id in another register that is added to a place or removed' });
const positionData = z
  .object({ ...ofPlace, coordinates })
  .meta({ title: 'PositionData', description: 'Where a place is' });
const mergeData = z
  .object({ ...ofPlace, into: locationId })
  .meta({ title: 'MergeData', description: 'A place is the same as another' });
const unmergeData = z
  .object({ ...ofPlace, from: locationId })
  .meta({ title: 'UnmergeData', description: 'A place is not the same as another after all' });

const operationData = z
  .object({
    operation: z.enum(OPERATIONS).meta({ title: 'OperationKind', description: 'What was done' }),
    subject: z
      .string()
      .meta({
        description:
          'What it was done to: the id of a statement or a retraction, of a run, of a key or of a session, the version of a ' +
          'ruleset, `topic:partition:offset` of a dead letter, or the key or account (`issuer#subject`) whose sessions ended',
      }),
    detail: z.string().optional().meta({ description: 'More of it, in words' }),
    reason,
  })
  .meta({
    title: 'OperationData',
    description: 'What an operator or a curator did beside statements and places',
  });

const envelope = {
  eventId: uuid.meta({ description: 'The event' }),
  schemaVersion: z
    .literal(SCHEMA_VERSION)
    .meta({ type: 'integer', description: 'The version of the form of `data`' }),
  stream: z
    .string()
    .meta({
      description:
        'The id of the place that the statement was resolved to; `register` for events about places, `$operations` for ' +
        'operations',
    }),
  by: z
    .string()
    .optional()
    .meta({
      description:
        'Who did it: the name and id of a key or an account. Where the caller is not known, what the client said',
      examples: ['worker-7'],
    }),
  onBehalfOf: z
    .string()
    .optional()
    .meta({ description: 'What the client said of who does it, where `by` is a key or an account' }),
};
const statementId = uuid.meta({ description: 'The statement that it is about' });
const ofStatement = { ...envelope, statementId };
const type = <T extends string>(title: string, ...types: T[]) =>
  z.enum(types).meta({ title, description: 'What happened' });

/** One schema for each form of an event: no event matches two of them, even without its `type`. */
export const eventSchemas = {
  claim: z
    .object({ type: type('ClaimEventType', ...CLAIMS), ...ofStatement, data: claimData })
    .meta({ title: 'ClaimEvent', description: 'A statement was recorded' }),
  retraction: z
    .object({ type: z.literal('claim.retracted'), ...ofStatement, data: retractionData })
    .meta({ title: 'RetractionEvent', description: 'A retraction was recorded' }),
  mark: z
    .object({ type: type('MarkEventType', ...VOIDINGS), ...ofStatement, data: voidingData })
    .meta({
      title: 'MarkEvent',
      description: 'A statement or a retraction was voided as an ingest mistake, or reinstated',
    }),
  registration: z
    .object({ type: z.literal('location.registered'), ...envelope, data: registrationData })
    .meta({ title: 'RegistrationEvent', description: 'A place was registered' }),
  name: z
    .object({
      type: type('NameEventType', 'location.name-added', 'location.name-removed'),
      ...envelope,
      data: nameData,
    })
    .meta({ title: 'NameEvent', description: 'A name was added to a place or removed' }),
  code: z
    .object({
      type: type('CodeEventType', 'location.code-added', 'location.code-removed'),
      ...envelope,
      data: codeData,
    })
    .meta({ title: 'CodeEvent', description: 'A code was added to a place or removed' }),
  position: z
    .object({ type: z.literal('location.positioned'), ...envelope, data: positionData })
    .meta({ title: 'PositionEvent', description: 'A place was given coordinates' }),
  merge: z
    .object({ type: z.literal('location.merged'), ...envelope, data: mergeData })
    .meta({ title: 'MergeEvent', description: 'A place was merged into another' }),
  unmerge: z
    .object({ type: z.literal('location.unmerged'), ...envelope, data: unmergeData })
    .meta({ title: 'UnmergeEvent', description: 'A merge was undone' }),
  operation: z
    .object({ type: z.literal('operation.performed'), ...envelope, data: operationData })
    .meta({
      title: 'OperationEvent',
      description: 'An operator or a curator did something that concerns no state',
    }),
};

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
