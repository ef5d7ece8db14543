import { expect, it } from '@jest/globals';
import type { z } from 'zod';
import { mapSchemas, stateSchemas } from '#libs/queries';
import type * as page from '../src/api/answers.js';

/** What the API answers is what the page takes it for: else this does not compile, and the build fails. */
const fits =
  <T>() =>
  <S extends z.ZodType>(schema: z.output<S> extends T ? S : never): S =>
    schema;

it('the page reads what the API answers', () => {
  const held = [
    fits<page.State>()(stateSchemas.stateSchema),
    fits<page.MapPlaces>()(mapSchemas.mapSchema.options[0]),
    fits<page.MapBins>()(mapSchemas.mapSchema.options[1]),
    fits<page.MapChanges>()(mapSchemas.mapChangesSchema),
    fits<page.MapDays>()(mapSchemas.mapDaysSchema),
    fits<page.Facets>()(mapSchemas.facetsSchema),
    // @ts-expect-error a field that is not answered
    fits<page.State & { colour: string }>()(stateSchemas.stateSchema),
  ];
  expect(held.every((schema) => 'parse' in schema)).toBe(true);
});
