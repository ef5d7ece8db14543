import { z } from 'zod';
import { answerFields, stateSchemas } from '#libs/queries';

/** A file of any length. What a feature is about has the fields of the lists, which describe them. */
export const exportedFeatures = z
  .object({
    type: z.literal('FeatureCollection'),
    features: z
      .array(
        z
          .object({
            type: z.literal('Feature'),
            id: answerFields.text('The place, or the statement; a change has none').optional(),
            geometry: stateSchemas.featureSchema.shape.geometry,
            properties: z
              .looseObject({ pageUrl: answerFields.text('The page of what it is about') })
              .meta({ id: 'ExportedProperties', description: 'The fields of the list, and the page' }),
          })
          .meta({
            id: 'ExportedFeature',
            description: 'A place, a statement or a change as GeoJSON (RFC 7946)',
          }),
      )
      .meta({ description: 'A feature for each row' }),
  })
  .meta({ id: 'ExportedFeatures', description: 'A file of GeoJSON (RFC 7946)' });
