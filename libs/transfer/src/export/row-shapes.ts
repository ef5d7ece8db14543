import type { z } from 'zod';
import { answerFields, stateSchemas, statementSchemas } from '#libs/queries';
import { rowShape } from './row-shape.js';

const { statementItemSchema } = statementSchemas;
// An export lists places by their own ids, so none has `mergedFrom`.
const state = stateSchemas.stateSchema.omit({ mergedFrom: true });
const stateFeature = stateSchemas.featureSchema.extend({
  properties: stateSchemas.featurePropertiesSchema.omit({ mergedFrom: true }),
});
const statementFeature = stateFeature.extend({
  id: statementItemSchema.shape.statementId,
  properties: statementItemSchema.extend({ id: statementItemSchema.shape.statementId }),
});

/** The keys of every row of NDJSON, and of the properties of every feature. */
export const rowKeys = {
  states: {
    ndjson: () => Object.keys(state.shape),
    geojson: () => Object.keys(stateFeature.shape.properties.shape),
  },
  statements: {
    ndjson: () => Object.keys(statementItemSchema.shape),
    geojson: () => Object.keys(statementFeature.shape.properties.shape),
  },
};

const change = stateSchemas.changeSchema;
const changeFeature = stateFeature
  .omit({ id: true })
  .extend({ properties: change.omit({ coordinates: true }) });

const pageUrl = answerFields.text('The page of it', 'https://claimline.example/places/gn-703656');
const withPage = <T extends z.ZodObject>(row: T) => row.extend({ pageUrl });
const withPageInside = <T extends z.ZodObject<{ properties: z.ZodObject }>>(feature: T) =>
  feature.extend({ properties: withPage(feature.shape.properties) });

/** The rows of exports; made when one is asked for. @param paged whether each links to its page */
const shapesOf = (row: z.ZodObject, feature: z.ZodObject<{ properties: z.ZodObject }>) => ({
  ndjson: (paged = false) => rowShape(paged ? withPage(row) : row),
  geojson: (paged = false) => rowShape(paged ? withPageInside(feature) : feature),
});
export const shapes = {
  states: shapesOf(state, stateFeature),
  statements: shapesOf(statementItemSchema, statementFeature),
  changes: shapesOf(change, changeFeature),
};
