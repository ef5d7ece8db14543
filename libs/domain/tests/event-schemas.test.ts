import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { SCHEMA_VERSION } from '../src/events/events.js';
import { EVENT_TYPES, eventSchemas, type EventData, type EventType } from '../src/index.js';

type Schemas = typeof eventSchemas;
type DataOf<T extends EventType> = z.output<
  { [K in keyof Schemas]: T extends z.output<Schemas[K]>['type'] ? Schemas[K] : never }[keyof Schemas]
>['data'];
type Key<T> = T extends unknown ? keyof T : never;

/** Compiles only if the data of the type fits its schema, and the two have the same fields. */
const held = <T extends EventType>(
  _type: T,
  _holds: EventData[T] extends DataOf<T>
    ? [Exclude<Key<DataOf<T>>, Key<EventData[T]>> | Exclude<Key<EventData[T]>, Key<DataOf<T>>>] extends [
        never,
      ]
      ? true
      : never
    : never,
) => {};

held('claim.asserted', true);
held('claim.denied', true);
held('claim.retracted', true);
held('statement.voided', true);
held('statement.reinstated', true);
held('location.registered', true);
held('location.name-added', true);
held('location.code-added', true);
held('location.code-removed', true);
held('location.positioned', true);
held('location.merged', true);
held('location.unmerged', true);
held('operation.performed', true);
// One schema with location.name-added, which says more of the name.
// @ts-expect-error language, script and kind
held('location.name-removed', true);

const statementId = '3f0c2b1e-6a51-4c57-9d0e-8a4f5b6c7d80';
const said = {
  statedAt: '2025-11-20T00:00:00.000Z',
  statedPrecision: 'day',
  publishedAt: '2025-11-20T00:00:00.000Z',
  publishedPrecision: 'day',
};
const claim = {
  claim: { predicate: 'captured', actor: 'russia', modality: 'actual', certainty: 'plain' },
  location: { id: 'mill' },
  ...said,
};
const ofPlace = { locationId: 'mill', reason: 'seen there' };

/** The data of each type of event, with the fewest and with all fields. */
const data: Record<EventType, object[]> = {
  'claim.asserted': [claim, { ...claim, via: ['wire.example'], reason: 'daily run' }],
  'claim.denied': [claim],
  'claim.retracted': [{ retractionId: statementId, ...said }],
  'statement.voided': [{}, { reason: 'twice' }, { retractionId: statementId }],
  'statement.reinstated': [{}, { retractionId: statementId, reason: 'not twice' }],
  'location.registered': [
    { locationId: 'mill', names: [{ name: 'Mill' }] },
    {
      ...ofPlace,
      names: [{ name: 'Mill' }],
      codes: [{ scheme: 'osm', value: 'n1' }],
      coordinates: [1, 2],
      country: 'ZZ',
      countries: ['ZZ'],
      region: 'Lowland',
      within: 'low',
    },
  ],
  'location.name-added': [
    { locationId: 'mill', name: 'Mill' },
    { ...ofPlace, name: 'Mill', language: 'en', script: 'Latn', kind: 'alias' },
  ],
  'location.name-removed': [{ locationId: 'mill', name: 'Mill' }],
  'location.code-added': [{ ...ofPlace, scheme: 'osm', value: 'n1' }],
  'location.code-removed': [{ locationId: 'mill', scheme: 'osm', value: 'n1' }],
  'location.positioned': [{ ...ofPlace, coordinates: [1, 2] }],
  'location.merged': [{ ...ofPlace, into: 'bridge' }],
  'location.unmerged': [{ locationId: 'mill', from: 'bridge' }],
  'operation.performed': [
    { operation: 'replay.started', subject: statementId },
    { operation: 'quote.erased', subject: statementId, detail: 'of the mill', reason: 'order 7' },
  ],
};

const isOfStatement = (type: EventType) => !/^(location|operation)\./.test(type);

/** As a reader that tries one schema after the other, refuses unknown fields, and ignores the value of `type`. */
const strictly = (schema: Schemas[keyof Schemas]) =>
  z.strictObject({ ...schema.shape, type: z.string(), data: z.strictObject(schema.shape.data.shape) });

describe('the schemas of events', () => {
  test.each(EVENT_TYPES)(
    '%s fits one of them, and only that, even where its type is not looked at',
    (type) => {
      for (const one of data[type]) {
        const event = {
          eventId: statementId,
          type,
          schemaVersion: SCHEMA_VERSION,
          stream: isOfStatement(type) ? 'mill' : 'register',
          ...(isOfStatement(type) && { statementId }),
          by: 'Desk (k1)',
          onBehalfOf: 'desk',
          data: one,
        };
        const fitting = (fits: (schema: Schemas[keyof Schemas]) => z.ZodType) =>
          Object.entries(eventSchemas)
            .filter(([, schema]) => fits(schema).safeParse(event).success)
            .map(([name]) => name);
        expect(fitting((schema) => schema)).toHaveLength(1);
        expect(fitting(strictly)).toEqual(fitting((schema) => schema));
      }
    },
  );
});
