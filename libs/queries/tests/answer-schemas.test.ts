import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { z } from 'zod';
import type { Difference, Interval, LocationState } from '#libs/domain';
import {
  featureOf,
  mapSchemas,
  outcomesSchema,
  statementSchemas,
  stateSchemas,
  type ChangeItem,
  type Comparison,
  type CursorInvalid,
  type Facets,
  type MapBins,
  type MapChanges,
  type MapDays,
  type MapPlaces,
  type Outcomes,
  type Page,
  type StatementItem,
} from '#libs/queries';
import { holds } from '../../../tests/support/holds.js';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { seedLog } from '../../../tests/support/test-log.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

holds<LocationState & { mergedFrom?: string }>()(stateSchemas.stateSchema);
holds<Interval>()(stateSchemas.intervalSchema);
holds<ChangeItem>()(statementSchemas.listedChangeSchema);
holds<Outcomes>()(outcomesSchema);
holds<StatementItem>()(statementSchemas.statementItemSchema);
holds<Page<StatementItem>>()(statementSchemas.statementItemsSchema);
holds<Comparison>()(statementSchemas.comparisonSchema);
type AtCheckpoint<T> = T & { token: string };
holds<AtCheckpoint<MapPlaces>>()(mapSchemas.mapSchema.options[0]);
holds<AtCheckpoint<MapBins>>()(mapSchemas.mapSchema.options[1]);
holds<AtCheckpoint<MapChanges>>()(mapSchemas.mapChangesSchema);
holds<AtCheckpoint<MapDays>>()(mapSchemas.mapDaysSchema);
holds<AtCheckpoint<Facets>>()(mapSchemas.facetsSchema);
holds<Difference & { statements: Comparison['differences']['statements'] }>()(
  statementSchemas.differencesSchema,
);
// @ts-expect-error a field that the schema does not name
holds<StatementItem & { colour: string }>()(statementSchemas.statementItemSchema);
// @ts-expect-error a field that is not answered
holds<Omit<Interval, 'rule'>>()(stateSchemas.intervalSchema);
type Sideless = Omit<StatementItem['speaker'], 'side'> & { side: string | null };
// @ts-expect-error a field that may be null, deep inside
holds<Omit<StatementItem, 'speaker'> & { speaker: Sideless }>()(statementSchemas.statementItemSchema);

let pool: pg.Pool;
let close: () => Promise<void>;
let models: ModelQueries;
const log = seedLog(7, 400, 4);
const places = ['old', ...Array.from({ length: 6 }, (_, at) => `place-${at}`)];
const page = { limit: 500 };

beforeAll(async () => {
  ({ pool, close } = await openDatabase());
  const generation = await newGeneration(pool, log);
  models = generation.models;
  const claim = log.claim('place-0', {
    claim: {
      predicate: 'controls',
      actor: 'Russia',
      extent: { part: 'north' },
      target: 'a garrison',
      modality: 'intended',
      certainty: 'hedged',
    },
    via: ['wire.example'],
    occurredAt: { from: '2025-11-18', to: '2025-11-19', precision: 'week' },
    source: {
      outlet: 'example.org',
      url: 'https://example.org/a',
      publishedAt: '2025-11-20',
      language: 'en',
      documentSha256: 'a'.repeat(64),
      span: { start: 1, end: 9 },
      quote: 'It is ours',
    },
    grading: { reliability: 'C', credibility: 3 },
    extraction: { method: 'rules', version: '1', confidence: 0.5 },
    by: 'worker-7',
    signature: 'Worker 7 (k7)',
    reason: 'daily run',
  });
  log.claim('place-0', {
    location: {
      name: 'Millbridge',
      code: { scheme: 'osm', value: 'n1' },
      country: 'UA',
      region: 'Lowland',
      within: 'Low',
      coordinates: [1.5, 2],
    },
  });
  log.mention('old');
  log.claim('old');
  log.command({ kind: 'merge', id: 'old', into: 'place-0' });
  log.retract(claim, '2025-11-25', { source: { outlet: 'wire.example', quote: 'We were wrong' } });
  await generation.projector.handle(log.events);
});
afterAll(() => close());

/** Expects an answer, as JSON, to survive its schema, which would drop a field that it does not name. */
function expectNamed(schema: z.ZodType, answer: unknown): void {
  const json: unknown = JSON.parse(JSON.stringify(answer));
  expect(schema.parse(json)).toEqual(json);
}

const found = <T>(value: T | CursorInvalid | undefined): T => {
  if (value === undefined || value === 'cursor-invalid') throw new Error(String(value));
  return value;
};

describe('the schemas of answers name every field of', () => {
  const points = [{}, { asOf: '2025-11-06T23:59:59.999Z' }, { knownAt: '2026-01-01T00:05:00.000Z' }];

  test('states, also as of a past moment, of merged places and as GeoJSON', async () => {
    const seen = new Set<string>();
    for (const id of places)
      for (const point of points) {
        const answer = Object.keys(point).length > 0 ? await models.place(id, point) : await models.place(id);
        if (!answer) continue;
        const state = JSON.parse(answer.json) as LocationState & { mergedFrom?: string };
        expectNamed(stateSchemas.stateSchema, state);
        expectNamed(stateSchemas.featureSchema, featureOf(state));
        for (const part of [
          ...Object.keys(state),
          ...state.control.map(({ standing }) => standing),
          ...state.flags.map(({ flag }) => flag),
        ])
          seen.add(part);
      }
    expect([...seen]).toEqual(expect.arrayContaining(['mergedFrom', 'disputed', 'partial', 'provisional']));
  });

  test('statements, with all that they may have', async () => {
    const { items } = found(await models.statements({}, page));
    for (const item of items) expectNamed(statementSchemas.statementItemSchema, item);
    const fields = new Set(
      items.flatMap((item) =>
        Object.entries(item).flatMap(([name, value]) => (value === null ? [] : [name])),
      ),
    );
    expect(fields).toEqual(new Set(Object.keys(statementSchemas.statementItemSchema.shape)));
    const sources = new Set(items.flatMap(({ source }) => Object.keys(source ?? {})));
    expect(sources).toEqual(new Set(Object.keys(statementSchemas.sourceSchema.shape)));
    expect(items.map(({ claim }) => Object.keys(claim)).flat()).toEqual(
      expect.arrayContaining(Object.keys(statementSchemas.claimSchema.shape)),
    );
    expect(items.map(({ location }) => Object.keys(location)).flat()).toEqual(
      expect.arrayContaining(Object.keys(statementSchemas.placeGivenSchema.shape)),
    );
    expect(items.some(({ speaker, voided }) => speaker.givenParty !== undefined && voided !== null)).toBe(
      true,
    );
    expect(items.some(({ voided }) => (voided?.further.length ?? 0) > 0)).toBe(true);
  });

  test('histories, changes and comparisons', async () => {
    let intervals = 0;
    for (const id of places) {
      const history = found(await models.history(id, {}, page));
      expectNamed(stateSchemas.historySchema, history);
      intervals += history.items.length;
      expectNamed(
        statementSchemas.comparisonSchema,
        found(await models.compare(id, points[1]!, {}, { limit: 3 })),
      );
    }
    const changes = found(await models.changes({}, null, page, {}, { statement: true }));
    expectNamed(statementSchemas.changesSchema, changes);
    expect([intervals, changes.items.length]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(Math.min(intervals, changes.items.length)).toBeGreaterThan(0);
  });

  test('and every field says what it is', () => {
    const undescribed: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { type, properties } = schema as { type?: string; properties?: Record<string, object> };
      for (const [name, property] of Object.entries(type === 'object' && properties ? properties : {}))
        if (!['description', '$ref', 'anyOf', 'const'].some((word) => word in property))
          undescribed.push(`${path}.${name}`);
      for (const [name, part] of Object.entries(schema)) walk(part, `${path}.${name}`);
    };
    for (const [name, schema] of Object.entries({ ...stateSchemas, ...statementSchemas }))
      if (schema instanceof z.ZodType) walk(z.toJSONSchema(schema, { unrepresentable: 'any' }), name);
    expect(undescribed).toEqual([]);
  });
});
