import { z } from 'zod';
import { LOCATION_ID, REGISTER_STREAM, type LocationId } from '../values/identity.js';
import { name, text } from '../values/text.js';

// The cast marks a string that passed the check as an id.
export const locationId = z
  .string()
  .regex(LOCATION_ID, 'must be letters, digits, ".", "_", ":" or "-", at most 100')
  .refine((id) => id !== REGISTER_STREAM, `must not be "${REGISTER_STREAM}"`)
  .meta({ description: 'The id of a place', examples: ['gn-703656'] }) as unknown as z.ZodType<
  LocationId,
  string
>;

export const country = z
  .string()
  .regex(/^[A-Za-z]{2}$/, 'must be a country code of two letters (ISO 3166-1)')
  .toUpperCase()
  .meta({ description: 'A country: two letters of ISO 3166-1', examples: ['UA'] });

/** Longitude, then latitude (WGS84, degrees). */
export type Coordinates = [lon: number, lat: number];

export const coordinates = z
  .tuple([
    z.number().min(-180, 'longitude must be -180 to 180').max(180, 'longitude must be -180 to 180'),
    z.number().min(-90, 'latitude must be -90 to 90').max(90, 'latitude must be -90 to 90'),
  ])
  .meta({
    title: 'Coordinates',
    description: 'Longitude, then latitude, in degrees (WGS 84)',
    examples: [[37.608, 49.717]],
  });

/** The id of a place in another register: geonames, wikidata, wof, katottg, pcode, osm, or any other word. */
export type PlaceCode = z.output<typeof placeCode>;

export const placeCode = z
  .strictObject({
    scheme: z
      .string()
      .trim()
      .toLowerCase()
      .regex(
        /^[A-Za-z][A-Za-z0-9._-]{0,39}$/,
        'must be a word of letters, digits, ".", "_" and "-", at most 40',
      )
      .meta({
        description: 'The other register: geonames, wikidata, wof, katottg, pcode, osm, or any other word',
        examples: ['geonames'],
      }),
    value: text(100).meta({ description: 'Its id there', examples: ['703656'] }),
  })
  .meta({ title: 'PlaceCode', description: 'The id of a place in another register' });

/** The fields of a reference to a place; which of them go together is checked beside. */
export const placeReferenceFields = z.strictObject({
  id: locationId.optional(),
  code: placeCode.optional(),
  name: name(200)
    .optional()
    .meta({ description: 'Any of its names', examples: ['Kupyansk'] }),
  country: country.optional(),
  region: name(200)
    .optional()
    .meta({ description: 'The region that it is in, by any of its names', examples: ['Kharkiv'] }),
  within: name(200).optional().meta({ description: 'A name or an id of any place that it is in' }),
  coordinates: coordinates.optional(),
});

export const placeReference = placeReferenceFields
  .superRefine(({ id, code, name, country, region, within }, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (id === undefined && code === undefined && name === undefined)
      fault([], 'needs an id, a code or a name');
    if (id !== undefined && [code, name, country, region, within].some((given) => given !== undefined))
      fault(['id'], 'cannot be given with code, name, country, region or within');
  })
  .transform((given) => given as PlaceReference)
  .meta({
    title: 'PlaceReference',
    description:
      'A place: by `id` alone; by `code`; or by `name`, with what is known of its location. ' +
      'Coordinates are those that the source reported',
  });

/** The place that a statement means (docs/domain.md, "What a reference may say"): by id, by code, or by name and context. */
export type PlaceReference = (
  | { id: LocationId; code?: undefined; name?: undefined }
  | { id?: undefined; code: PlaceCode; name?: string }
  | { id?: undefined; code?: PlaceCode; name: string }
) & {
  country?: string;
  region?: string;
  /** A name or an id of any place that it is in. */
  within?: string;
  /** The coordinates that the source reported; never the place's own. */
  coordinates?: Coordinates;
};

/** How the place of a statement was found (docs/domain.md, "Resolution"). */
export interface Resolution {
  kind: 'resolved' | 'provisional' | 'ambiguous';
  by: 'id' | 'code' | 'name' | 'coordinates';
  /** Of an ambiguous one: the registered places that it may mean, the first 50 in the order of their ids. */
  candidates?: LocationId[];
}
