import { z } from 'zod';
import {
  VISIBILITIES,
  CLAIMS,
  claim,
  extraction,
  grading,
  occurrencePrecision,
  placeReferenceFields,
  PRECISIONS,
  source,
  span,
  STANCES,
  statementSchema,
} from '#libs/domain';
import { instant, locationId, orNull, pageOf, position, shard, text, uuid } from './answer-fields.js';
import {
  changeSchema,
  codeSchema,
  extentSchema,
  flagDifferenceSchema,
  holderDifferenceSchema,
  pointSchema,
  stateSchema,
  statusDifferenceSchema,
} from './state-schemas.js';

// The answers about statements; a test compares them with the types.

export const claimSchema = z
  .object({
    ...claim.shape,
    givenActor: text('The actor as it was given, if that differs from `actor`').optional(),
    extent: extentSchema.optional(),
    modality: claim.shape.modality.unwrap(),
    certainty: claim.shape.certainty.unwrap(),
  })
  .meta({ id: 'Claim', description: 'What is claimed' });
export const placeGivenSchema = z
  .object({ ...placeReferenceFields.shape, code: codeSchema.optional() })
  .meta({ id: 'PlaceGiven', description: 'A place as it was given: by an id, a code or a name' });
const spanSchema = z
  .object(span.shape)
  .meta({ id: 'Span', description: 'Where in the document it stands, in characters' });

const { publishedAt: _publishedAt, quote: _quote, ...ofSource } = source.shape;
/** A source as an event keeps it has no quote; what is answered has one. */
const sourceFields = { ...ofSource, span: spanSchema.optional() };
export const precision = z
  .enum(PRECISIONS)
  .meta({ title: 'Precision', description: 'How exactly the time was given' });
const timeFields = {
  statedAt: instant('When it was said (default: when it was published)'),
  statedPrecision: precision,
  publishedAt: instant('When it was published (default: when it was said)'),
  publishedPrecision: precision,
};

export const sourceSchema = z
  .object({
    ...sourceFields,
    publishedAt: timeFields.publishedAt.optional(),
    quote: text('The words as published; null where none were given, or they were erased').nullable(),
    quoteErased: z
      .boolean()
      .optional()
      .meta({ description: 'True where there was a quote and it was erased' }),
  })
  .meta({ id: 'Source', description: 'Where it was read' });

const speakerSchema = z
  .object({
    name: text('Who spoke', 'Valery Gerasimov').nullable(),
    role: text('In what role', 'Chief of the General Staff').nullable(),
    party: text('For which party: by its id, or as it was given', 'russia').nullable(),
    givenParty: text('The party as it was given, if that differs from `party`').optional(),
    side: text('The side of the party; of an independent `independent:` and its origin', 'russia'),
  })
  .meta({ id: 'Speaker', description: 'Who spoke' });

const occurredSchema = z
  .object({ from: instant('From'), to: instant('To').optional(), precision: occurrencePrecision })
  .meta({ id: 'Occurred', description: 'When it is said to have happened' });
const gradingSchema = z
  .object(grading.shape)
  .meta({ id: 'Grading', description: 'How good it is held to be, by the Admiralty code' });
const extractionSchema = z
  .object(extraction.shape)
  .meta({ id: 'Extraction', description: 'How the statement was taken out of the document' });

const remarks = {
  by: text(
    'Who did it: the name and id of a key or an account; where the caller was not known, what they said',
    'worker-7',
  ).nullable(),
  onBehalfOf: text('Who did it, as they said, where `by` is a key or an account').nullable(),
  reason: text('Why, as they said').nullable(),
};

const retractedSchema = z
  .object({
    retractionId: uuid('The retraction'),
    eventId: uuid('The event that recorded it'),
    statedAt: instant('When the retraction was stated'),
    recordedAt: instant('When that was recorded'),
    speaker: speakerSchema,
    source: orNull(sourceSchema),
    ...remarks,
  })
  .meta({ id: 'Retracted', description: 'The first retraction that counts' });

const voidingSchema = z
  .object({
    eventId: uuid('The event that recorded it'),
    recordedAt: instant('When that was recorded'),
    ...remarks,
  })
  .meta({ id: 'Mark', description: 'A void' });

const voidedSchema = z
  .object({
    ...voidingSchema.shape,
    replacedBy: uuid('The statement that was recorded in place of this one').nullable(),
    further: z
      .array(voidingSchema)
      .meta({
        description: 'Later voids of the voided statement, with the remarks of the same or other curators',
      }),
  })
  .meta({ id: 'Voided', description: 'A curator voided it as an ingest mistake' });

const statementPlaceSchema = z
  .object({ id: locationId('The place'), name: text('Its name', 'Kupiansk') })
  .meta({
    id: 'StatementPlace',
    description:
      'The place that it is about: the one that it was recorded on, or the one this is merged into; as known at knownAt',
  });

export const statementItemSchema = z
  .object({
    statementId: uuid('The statement'),
    eventId: uuid('The event that recorded it'),
    type: z.enum(CLAIMS).meta({ title: 'ClaimEventType', description: 'The type of that event' }),
    stance: z.enum(STANCES).meta({ title: 'Stance', description: 'Whether the claim is asserted or denied' }),
    locationId: locationId('The place that it was recorded on; merges are not applied'),
    place: statementPlaceSchema,
    claim: claimSchema,
    location: placeGivenSchema,
    speaker: speakerSchema,
    via: statementSchema.shape.via
      .unwrap()
      .meta({ description: 'Through whom it came, nearest to the speaker first' }),
    corrects: uuid('The statement that it corrects').nullable(),
    origin: text(
      'The first known source of the statement: the speaker, the party, the first of `via` or the outlet',
      'Valery Gerasimov',
    ),
    occurredAt: orNull(occurredSchema),
    ...timeFields,
    recordedAt: instant('When it was recorded'),
    source: orNull(sourceSchema),
    grading: orNull(gradingSchema),
    extraction: orNull(extractionSchema),
    ...remarks,
    retracted: orNull(retractedSchema),
    voided: orNull(voidedSchema),
    shard,
    position,
  })
  .meta({
    id: 'Statement',
    description: 'A statement about a place: who said what, and whether it was retracted or voided',
  });

export const statementItemsSchema = pageOf(statementItemSchema).meta({
  id: 'Statements',
  description: 'A page of statements',
});

const causeSchema = statementItemSchema
  .pick({
    statementId: true,
    eventId: true,
    stance: true,
    claim: true,
    speaker: true,
    origin: true,
    statedAt: true,
    statedPrecision: true,
    source: true,
    retracted: true,
  })
  .meta({
    id: 'Cause',
    description:
      'The statement that caused a change: its event is that of the change; or its retraction did: then `retracted` has that event',
  });
export const listedChangeSchema = changeSchema
  .extend({
    statement: orNull(
      causeSchema,
      'With statement=true: what caused the change; null where it belongs to a place that has been parted from this one since',
    ).optional(),
  })
  .meta({ id: 'Change', description: 'A change of the status or the holders of a place' });
export const changesSchema = pageOf(listedChangeSchema).meta({
  id: 'Changes',
  description: 'A page of changes',
});

const statementFeaturePropertiesSchema = z
  .object({ id: uuid('The statement'), ...statementItemSchema.shape })
  .meta({ id: 'StatementFeatureProperties', description: 'The statement' });
export const statementFeatureSchema = z
  .object({
    type: z.literal('Feature'),
    id: uuid('The statement'),
    geometry: orNull(pointSchema),
    properties: statementFeaturePropertiesSchema,
  })
  .meta({
    id: 'StatementFeature',
    description: 'A statement as GeoJSON (RFC 7946), at the coordinates of its place',
  });
export const statementFeaturesSchema = z
  .object({
    type: z.literal('FeatureCollection'),
    features: z
      .array(statementFeatureSchema)
      .meta({ description: 'The statements, in the order of the list' }),
    nextCursor: statementItemsSchema.shape.nextCursor,
  })
  .meta({ id: 'StatementFeatureCollection', description: 'A page of statements as GeoJSON (RFC 7946)' });

const bearing = z
  .enum(VISIBILITIES)
  .meta({
    title: 'Bearing',
    description: 'How it stands at this moment: not there yet, counting, retracted, or voided as a mistake',
  });
const comparedStatementSchema = z
  .object({ a: bearing, b: bearing, statement: statementItemSchema })
  .meta({ id: 'ComparedStatement', description: 'A statement that differs between the moments' });
const comparedStatementsSchema = pageOf(comparedStatementSchema).meta({
  id: 'ComparedStatements',
  description: 'A page of the statements that differ',
});
export const differencesSchema = z
  .object({
    status: orNull(statusDifferenceSchema),
    control: z.array(holderDifferenceSchema).meta({ description: 'The holders that differ' }),
    flags: z.array(flagDifferenceSchema).meta({ description: 'The flags that differ' }),
    statements: comparedStatementsSchema,
  })
  .meta({ id: 'Differences', description: 'The differences; null and empty where there are none' });
export const comparisonSchema = z
  .object({ a: orNull(stateSchema), b: orNull(stateSchema), differences: differencesSchema })
  .meta({
    id: 'Comparison',
    description: 'A place at two moments; a state is null where the place was not known by then',
  });
