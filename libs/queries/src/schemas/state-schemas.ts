import { z } from 'zod';
import {
  coordinates,
  country,
  extentFields,
  FLAGS,
  placeCode,
  STANDINGS,
  STATUSES,
  toponym,
} from '#libs/domain';
import { count, instant, locationId, orNull, pageOf, text, token, uuid } from './answer-fields.js';

// The answers about places; a test compares them with the types.

const toponymSchema = z.object(toponym.shape).meta({ id: 'Toponym', description: 'A name of a place' });
export const codeSchema = z
  .object(placeCode.shape)
  .meta({ id: 'PlaceCode', description: 'The id of a place in another register' });
export const extentSchema = z
  .object(extentFields.shape)
  .meta({ id: 'Extent', description: 'How much of the place: `op` and `percent`, or `part`' });

const status = z
  .enum(STATUSES)
  .meta({
    title: 'Status',
    description: 'The status of the place, from the statements of all sides',
    examples: ['contested'],
  });
const statusRule = text('The rule that makes the status', 'contested/two-holders');
const holders = z
  .array(z.string())
  .meta({ description: 'The sides whose claim to control is not gone', examples: [['russia', 'ukraine']] });
const since = instant('Since when it has this status and these holders').nullable();
const standing = z.enum(STANDINGS).meta({ description: 'The standing of this claim to control' });
const standingRule = text('The rule that makes the standing', 'claimed/one-side');
const more = count('How many more there are: each list shows the newest 50').optional();

const evidenceSchema = z
  .object({
    side: text('The side that spoke', 'russia'),
    party: text('The party that spoke: by its id, or as it was given', 'russia').nullable(),
    speaker: text('Who spoke', 'Valery Gerasimov').nullable(),
    statedAt: instant('When it was said'),
    statementId: uuid('The statement'),
    eventId: uuid('The event that recorded it'),
  })
  .meta({ id: 'Evidence', description: 'A statement that supports a standing or a flag' });

const evidence = (description: string) => z.array(evidenceSchema).meta({ description });

const holderSchema = z
  .object({
    holder: text('The side', 'russia'),
    known: z.boolean().meta({ description: 'Whether the ruleset knows it; if not, it may be a misspelling' }),
    actors: z
      .array(z.string())
      .meta({ description: 'The parties of it that are said to hold the place', examples: [['russia']] }),
    standing,
    rule: standingRule,
    extent: orNull(extentSchema),
    assertedBy: evidence('Who says so'),
    deniedBy: evidence('Who denies it'),
    concededBy: evidence('The concessions of adversaries, where the standing rests on them'),
    more,
  })
  .meta({ id: 'Holder', description: 'A side whose control of the place is asserted or denied' });

const flagSchema = z
  .object({
    flag: z.enum(FLAGS).meta({ description: 'What is raised' }),
    holder: text('The side that the flag is about; null: the place as such').nullable(),
    assertedBy: z.array(z.string()).meta({ description: 'Sides' }),
    deniedBy: z.array(z.string()).meta({ description: 'Sides' }),
    evidence: z.array(z.string()).meta({ description: 'Ids of events' }),
    candidates: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of `ambiguous`: the registered places that it may be, the first 50' }),
    more,
  })
  .meta({ id: 'Flag', description: 'Something worth knowing beside the status' });

export const stateSchema = z
  .object({
    id: locationId('The place'),
    name: text('The name shown', 'Kupiansk'),
    names: z.array(toponymSchema).meta({ description: 'All its names' }),
    codes: z.array(codeSchema).meta({ description: 'Its ids in other registers' }),
    coordinates: coordinates.nullable(),
    coordinatesReported: z
      .boolean()
      .meta({
        description: 'No register has its coordinates: these are from the latest statement that reported any',
      }),
    country: orNull(country),
    countries: z
      .array(country)
      .meta({ description: 'Every country that it is in by the register; `country` is the first' }),
    region: text('The region', 'Kharkiv').nullable(),
    within: locationId('The place that it is in').nullable(),
    merged: z.array(z.string()).meta({ description: 'The places that are merged into it' }),
    mergedFrom: locationId('The requested place, if that is merged into this one').optional(),
    status,
    rule: statusRule,
    since,
    asOf: instant('Only statements stated by then; null: all').nullable(),
    knownAt: instant('Only events recorded by then; null: all').nullable(),
    control: z.array(holderSchema).meta({ description: 'The standing of each claim to control' }),
    flags: z.array(flagSchema).meta({ description: 'The flags that are raised' }),
    statements: count('The number of statements'),
    origins: count('The number of their origins'),
    firstStatedAt: instant('When the first was stated').nullable(),
    lastStatedAt: instant('When the last was stated').nullable(),
    lastRecordedAt: instant('When an event about it was last recorded').nullable(),
    rulesetVersion: text('The ruleset that it is derived with', 'russia-ukraine-2025-11.1'),
    token: token('For each shard, the last position with an event about the place'),
  })
  .meta({
    id: 'State',
    description:
      'The state of a place from the statements about it: who holds it, on what evidence, and how disputed that is',
  });

export const intervalSchema = z
  .object({
    from: instant('When it began'),
    to: instant('When it ended; null: it lasts').nullable(),
    status,
    rule: statusRule,
    holders,
    eventId: uuid('The event that began it'),
  })
  .meta({
    id: 'Interval',
    description: 'An interval in which the status and the holders of a place stayed the same',
  });

const stageSchema = z
  .object({ status, holders })
  .meta({ id: 'Stage', description: 'A status with its holders' });
const reachedSchema = z
  .object({ status, rule: statusRule, holders })
  .meta({ id: 'ReachedStage', description: 'A status with its holders, and the rule that made it' });

export const changeSchema = z
  .object({
    id: locationId('The place'),
    name: text('Its name', 'Kupiansk'),
    coordinates: coordinates.nullable(),
    at: instant('When the statement or retraction that caused it was stated'),
    from: stageSchema,
    to: reachedSchema,
    eventId: uuid('The event that caused it'),
  })
  .meta({ title: 'Change', description: 'A change of the status or the holders of a place' });

const statusMomentSchema = z
  .object({ status, rule: statusRule, since })
  .meta({ id: 'StatusMoment', description: 'The status at one of two moments' });
const holderMomentSchema = z
  .object({ standing, rule: standingRule, extent: orNull(extentSchema) })
  .meta({ id: 'HolderMoment', description: 'The standing of a holder at one of two moments' });
const flagMomentSchema = z
  .object({ assertedBy: flagSchema.shape.assertedBy, deniedBy: flagSchema.shape.deniedBy })
  .meta({ id: 'FlagMoment', description: 'A flag at one of two moments' });

/** The same thing at two moments; null if it was not there. */
const pair = <T extends z.ZodType>(moment: T) => ({ a: orNull(moment), b: orNull(moment) });

export const statusDifferenceSchema = z
  .object(pair(statusMomentSchema))
  .meta({
    id: 'StatusDifference',
    description: 'The status at both moments; null where the place was not known',
  });
export const holderDifferenceSchema = z
  .object({ holder: text('The side', 'russia'), ...pair(holderMomentSchema) })
  .meta({ id: 'HolderDifference', description: 'A holder at both moments; null where it was not a holder' });
export const flagDifferenceSchema = z
  .object({ flag: flagSchema.shape.flag, holder: flagSchema.shape.holder, ...pair(flagMomentSchema) })
  .meta({ id: 'FlagDifference', description: 'A flag at both moments; null where it was not raised' });

export const statesSchema = pageOf(stateSchema).meta({ id: 'States', description: 'A page of states' });
export const historySchema = pageOf(intervalSchema).meta({
  id: 'History',
  description: 'A page of the history of a place, oldest first',
});

const { coordinates: _coordinates, ...properties } = stateSchema.shape;
export const pointSchema = z
  .object({ type: z.literal('Point'), coordinates })
  .meta({ id: 'Point', description: 'A point (RFC 7946)' });
export const featurePropertiesSchema = z
  .object(properties)
  .meta({ id: 'FeatureProperties', description: 'The state of a place, but for its coordinates' });
export const featureSchema = z
  .object({
    type: z.literal('Feature'),
    id: stateSchema.shape.id,
    geometry: orNull(pointSchema),
    properties: featurePropertiesSchema,
  })
  .meta({ id: 'Feature', description: 'The state of a place as GeoJSON (RFC 7946)' });
export const featuresSchema = z
  .object({
    type: z.literal('FeatureCollection'),
    features: z.array(featureSchema).meta({ description: 'The places, in the order of the list' }),
    nextCursor: statesSchema.shape.nextCursor,
  })
  .meta({ id: 'FeatureCollection', description: 'A page of states as GeoJSON (RFC 7946)' });
