import { z } from 'zod';
import {
  codeSchema,
  coordinatesSchema,
  correctionSchema,
  countriesSchema,
  mergeSchema,
  nameSchema,
  placeSchema,
  retractionSchema,
  rulesetSchema,
  signedVoidSchema,
  statementSchema,
} from '#libs/domain';
import { statementSchemas, stateSchemas } from '#libs/queries';
import { keyRequestSchema, rotationSchema } from '#libs/access';
import { replayRequestSchema } from '#libs/jobs';
import { discardSchema, retrySchema } from './schemas/dead-letters.js';
import { withDescriptions } from './schemas/descriptions.js';
import * as log from './schemas/events.js';
import { exportedFeatures } from './schemas/exports.js';
import * as keys from './schemas/keys.js';
import { portable, describeFormats, withMappings, withoutDoubles, type Schema } from './schemas/portable.js';
import * as receipts from './schemas/receipts.js';
import * as runs from './schemas/runs.js';
import { sessionRequestSchema } from './schemas/sessions.js';

/** The limit of an array of statements. */
export const MAX_STATEMENTS = 1000;
export const statementsSchema = z
  .array(statementSchema)
  .max(MAX_STATEMENTS)
  .meta({ description: 'Up to 1,000 statements' });

// The named schemas of /openapi.json. Their parts are named, by id or title, where they are made.

/** Schemas of answers that several requests have, or that go by another name here. */
const answers = {
  Problem: receipts.problem,
  Receipt: receipts.receipt,
  BatchReceipt: receipts.batchReceipt,
  BatchResult: receipts.batchResult,
  Projections: receipts.projections,
  Health: receipts.health,
  State: stateSchemas.stateSchema,
  States: stateSchemas.statesSchema,
  Feature: stateSchemas.featureSchema,
  FeatureCollection: stateSchemas.featuresSchema,
  Statement: statementSchemas.statementItemSchema,
  Statements: statementSchemas.statementItemsSchema,
  StatementFeature: statementSchemas.statementFeatureSchema,
  StatementFeatureCollection: statementSchemas.statementFeaturesSchema,
  ExportedFeatures: exportedFeatures,
  Event: log.event,
  Events: log.events,
  Audit: log.audit,
  Proof: log.proof,
  Checkpoint: log.checkpoint,
  Consistency: log.consistency,
  Replay: runs.replay,
  Replays: runs.replays,
  Ruleset: rulesetSchema,
  Rulesets: runs.rulesets,
  Parties: runs.parties,
  Key: keys.key,
  IssuedKey: keys.issuedKey,
  Keys: keys.keys,
};

/** Schemas of input. */
const bodies = {
  StatementInput: statementSchema,
  StatementInputs: statementsSchema,
  RetractionInput: retractionSchema,
  VoidInput: signedVoidSchema,
  CorrectionInput: correctionSchema,
  PlaceInput: placeSchema,
  NameInput: nameSchema,
  CodeInput: codeSchema,
  CountriesInput: countriesSchema,
  CoordinatesInput: coordinatesSchema,
  MergeInput: mergeSchema,
  ReplayInput: replayRequestSchema,
  KeyInput: keyRequestSchema,
  RotationInput: rotationSchema,
  SessionInput: sessionRequestSchema,
  RetryInput: retrySchema,
  DiscardInput: discardSchema,
};

export type SchemaName = keyof typeof answers | keyof typeof bodies;

export const PREFIX = '#/components/schemas/';

export const ref = (name: SchemaName) => ({ $ref: `${PREFIX}${name}` });

/** A schema of input, by reference where it has a name. */
export const refTo = (schema: z.ZodType): object | undefined => {
  const [name] = Object.entries(bodies).find(([, body]) => body === schema) ?? [];
  return name === undefined ? undefined : { $ref: `${PREFIX}${name}` };
};

/** Schemas of answers that one request describes, by their own ids. */
const ownAnswers: Record<string, z.ZodType> = {};

/** The schema of an answer, by reference. @throws Error where it has no id, or that of another schema */
export function refToAnswer(schema: z.ZodType): object {
  const id = schema.meta()?.id;
  if (id === undefined || id in answers || (ownAnswers[id] ??= schema) !== schema)
    throw new Error(`the schema of an answer needs an id of its own (.meta({ id })), not ${id}`);
  return { $ref: `${PREFIX}${id}` };
}

/** All of them, made on the first request for the document. */
export function componentSchemas(): Record<string, Schema> {
  const components: Record<string, Schema> = {};
  for (const [schemas, io] of [
    [{ ...answers, ...ownAnswers }, 'output'],
    [bodies, 'input'],
  ] as const) {
    const registry = z.registry<{ id: string }>();
    for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
    const { __shared: shared, ...named } = z.toJSONSchema(registry, {
      io,
      uri: (id) => `${PREFIX}${id}`,
      unrepresentable: 'any',
      override: describeFormats,
    }).schemas;
    const options = {
      open: io === 'output',
      components,
      prefix: PREFIX,
      suffix: io === 'input' ? 'Input' : '',
    };
    for (const [name, schema] of Object.entries({ ...named, ...shared?.$defs }))
      components[name] = portable(schema, options);
  }
  const once = withoutDoubles(components, PREFIX);
  withMappings(once);
  withDescriptions(once);
  return once;
}
