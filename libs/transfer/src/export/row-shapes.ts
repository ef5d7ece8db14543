import { stateSchemas, statementSchemas } from '#libs/queries';
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

/** The rows of exports; made when one is asked for. */
export const shapes = {
  states: { ndjson: () => rowShape(state), geojson: () => rowShape(stateFeature) },
  statements: { ndjson: () => rowShape(statementItemSchema), geojson: () => rowShape(statementFeature) },
};
