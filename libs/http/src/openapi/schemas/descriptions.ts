import type { Schema } from './portable.js';

/** Descriptions of named values. A field that uses one may describe its own meaning. */
const VALUES: Record<string, string> = {
  EventType: 'The fact that an event records',
  OperationKind: 'The kind of operation',
  Status: 'The claims about a place, taken together (docs/domain.md, step 6)',
  Standing: 'How disputed one holder’s claim to control is (docs/domain.md, step 5)',
  FlagName: 'A claim that is shown beside the status',
  Stance: 'Whether a statement asserts its claim or denies it',
  Predicate: 'The kind of claim about the actor',
  Modality: 'Whether it is stated as a fact, as an intention or as conditional',
  Certainty: 'Whether it is stated plainly or with reserve',
  ExtentOperator: 'How to read a percentage',
  Precision: 'How exactly a time was given',
  OccurrencePrecision: 'How exactly it is known when something happened',
  Reliability: 'Reliability of a source, by the Admiralty code',
  ResolutionKind: 'Whether a place was found in the register',
  ResolutionBasis: 'The basis on which a place was found',
  Bearing: 'Whether a statement counts at a moment, and if not, why',
  ReplayKind: 'The kind of a run',
  ReplayState: 'The state of a run',
  Role: 'What a key may do',
  KeyState: 'Whether a key works',
  Openness: 'What is open to everybody, without a key',
  HealthStatus: 'The health of the service',
  CallerKind: 'What a request is sent with',
};

const statement = {
  statementId: '7d9e4a62-0b3f-4f8a-8c21-5e6d7f809a1b',
  stance: 'deny',
  claim: { predicate: 'lost', actor: 'ukraine' },
  location: { name: 'Kupiansk', region: 'Kharkiv', country: 'UA' },
  speaker: { name: 'A made-up spokesman', role: 'Spokesman of the eastern command', party: 'ukraine' },
  via: ['A made-up agency'],
  statedAt: '2025-11-21',
  source: {
    outlet: 'outlet.example',
    url: 'https://outlet.example/a',
    publishedAt: '2025-11-21T08:00:00Z',
    language: 'en',
  },
  by: 'worker-7',
};
const remarks = { by: 'desk', reason: 'the speakers are swapped' };

const BODIES: Record<string, unknown> = {
  StatementInput: statement,
  StatementInputs: [statement],
  RetractionInput: {
    speaker: { party: 'ukraine' },
    statedAt: '2025-11-22',
    source: { outlet: 'outlet.example' },
  },
  VoidInput: remarks,
  CorrectionInput: { ...remarks, statement },
  PlaceInput: {
    id: 'gn-703656',
    names: [
      { name: 'Kupiansk', language: 'en' },
      { name: 'Куп’янськ', language: 'uk' },
    ],
    coordinates: [37.608, 49.717],
    country: 'UA',
    region: 'Kharkiv',
  },
  NameInput: { name: 'Kupyansk', kind: 'alias' },
  CodeInput: { scheme: 'geonames', value: '703656' },
  CountriesInput: { countries: ['UA'] },
  CoordinatesInput: { coordinates: [37.608, 49.717] },
  MergeInput: { into: 'gn-703656', ...remarks, reason: 'the same town' },
  ReplayInput: { kind: 'rebuild' },
  KeyInput: { name: 'Worker 7', roles: ['ingest'], expiresAt: '2027-01-01T00:00:00Z' },
  RotationInput: { graceSeconds: 3600 },
  RetryInput: { by: 'desk', reason: 'the place is registered now' },
  DiscardInput: { by: 'desk', reason: 'a test message' },
  SessionInput: { key: 'the key of somebody who may sign in' },
};

/** Describes each schema and each field, and gives each body an example. */
export function withDescriptions(components: Record<string, Schema>): void {
  for (const [name, schema] of Object.entries(components)) {
    schema.description ??= VALUES[name];
    if (BODIES[name] !== undefined) schema.examples = [BODIES[name]];
    describeFields(schema, components);
  }
}

function describeFields(schema: Schema, components: Record<string, Schema>): void {
  const { properties = {}, items } = schema as { properties?: Record<string, Schema>; items?: Schema };
  for (const field of Object.values(properties)) field.description ??= descriptionOf(field, components);
  for (const part of [...Object.values(properties), ...(items ? [items] : [])])
    describeFields(part, components);
}

/** A reference has the description of its target. */
function descriptionOf(
  { anyOf, enum: values }: Schema,
  components: Record<string, Schema>,
): string | undefined {
  const [reference] = (anyOf ?? []) as Schema[];
  if (typeof reference?.$ref === 'string')
    return `${components[reference.$ref.split('/').at(-1)!]!.description as string}; null where there is none`;
  return Array.isArray(values) ? `Always ${values.join(' or ')}` : undefined;
}
