import type { Schema } from './portable.js';

/** Values that have a name. What one means where it is used is said there. */
const VALUES: Record<string, string> = {
  EventType: 'What an event says that happened',
  Status: 'What is claimed about a place, taken together (docs/domain.md, step 6)',
  Standing: 'What becomes of one holder’s claim to control (docs/domain.md, step 5)',
  FlagName: 'What is said beside the status',
  Stance: 'Whether a statement asserts its claim or denies it',
  Predicate: 'What is claimed of the actor',
  Modality: 'Whether it is said to be so, to be meant, or to depend on something',
  Certainty: 'Whether it is said plainly or with reserve',
  ExtentOperator: 'How a percentage is meant',
  Precision: 'How exactly a time was given',
  OccurrencePrecision: 'How exactly it is known when something happened',
  Reliability: 'Reliability of a source, by the Admiralty code',
  ResolutionKind: 'Whether a place was found in the register',
  ResolutionBasis: 'By what a place was found',
  Bearing: 'Whether a statement counts at a moment, and if not, why',
  ReplayKind: 'What a run does',
  ReplayState: 'How far a run is',
  HealthStatus: 'How the service is',
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
};

/** Says of each schema, and of each field, what it is; of each body, how one looks. */
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

/** Of a reference it is said by what it refers to. */
function descriptionOf(
  { anyOf, enum: values }: Schema,
  components: Record<string, Schema>,
): string | undefined {
  const [reference] = (anyOf ?? []) as Schema[];
  if (typeof reference?.$ref === 'string')
    return `${components[reference.$ref.split('/').at(-1)!]!.description as string}; null where there is none`;
  return Array.isArray(values) ? `Always ${values.join(' or ')}` : undefined;
}
