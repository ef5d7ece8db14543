import { z } from 'zod';
import { FLAGS, STANDINGS, STATUSES } from '#libs/domain';
import { count, instant, orNull, text, token } from '../schemas/answer-fields.js';

// Answers in columns: lists of the same length, in which a row is a place, a change, a day or a cell.

const number = (description: string) => z.int().min(0).meta({ description });
const numbers = (description: string) => z.array(z.int().min(0)).meta({ description });
const numbersOrNull = (description: string) => z.array(z.int().nullable()).meta({ description });
const degrees = (description: string) =>
  z.array(z.number().meta({ format: 'double' }).nullable()).meta({ description });
const byStatus = (what: string) =>
  z
    .array(z.array(z.int().min(0)))
    .meta({ description: `For each of \`statuses\`, a column: how many ${what} have it` });

const statuses = z.array(z.enum(STATUSES)).meta({ description: 'Dictionary of statuses' });
const parties = z
  .array(z.string())
  .meta({ description: 'Dictionary of sides and parties, as states show them' });
const timeSchema = z
  .object({
    base: instant('What 0 stands for'),
    unit: z.int().min(1).meta({ description: 'What 1 adds to it, in milliseconds' }),
  })
  .meta({ id: 'TimeScale', description: 'The times that numbers in columns of times stand for' });

const moment = {
  asOf: instant('Only statements stated by then; null: all').nullable(),
  knownAt: instant('Only events recorded by then; null: all').nullable(),
};
const rulesetVersion = text('The ruleset that it is derived with', 'russia-ukraine-2025-11.1');
const madeAt = { rulesetVersion, token: token('The checkpoint of the read models that it was made at') };
const head = {
  ...moment,
  ...madeAt,
  count: count('The number of places that match'),
  withoutCoordinates: count('Those of them that have no coordinates'),
};

const mapStandingSchema = z
  .object({
    holder: number('The side, in `parties`'),
    known: z.boolean().meta({ description: 'Whether the ruleset knows it' }),
    standing: z.enum(STANDINGS).meta({ description: 'The standing of its claim to control' }),
    claiming: numbers('The sides that say so, in `parties`'),
    denying: numbers('Those that deny it'),
    conceding: numbers('Adversaries on whose concessions the standing rests'),
  })
  .meta({ id: 'MapStanding', description: 'A claim to control, and the sides that make and deny it' });

const mapFlagSchema = z
  .object({
    flag: z.enum(FLAGS).meta({ description: 'What is raised' }),
    holder: orNull(z.int().min(0), 'The side that it is about, in `parties`; null: the place as such'),
    asserting: numbers('The sides that assert it, in `parties`'),
    denying: numbers('Those that deny it'),
  })
  .meta({ id: 'MapFlag', description: 'A flag that is raised' });

const mapPlacesSchema = z
  .object({
    kind: z.literal('places').meta({ description: 'Places, one by one' }),
    ...head,
    time: timeSchema,
    statuses,
    parties,
    regions: z.array(z.string()).meta({ description: 'Dictionary of regions' }),
    controls: z
      .array(z.array(mapStandingSchema))
      .meta({ description: 'Dictionary: all standings of a place' }),
    flagSets: z.array(z.array(mapFlagSchema)).meta({ description: 'Dictionary: all flags of a place' }),
    columns: z
      .object({
        id: z.array(z.string()).meta({ description: 'The place' }),
        name: z.array(z.string()).meta({ description: 'The name shown' }),
        lon: degrees('Longitude, WGS84, to four decimals; null with `lat`: it has no coordinates'),
        lat: degrees('Latitude'),
        status: numbers('Its status, in `statuses`'),
        since: numbersOrNull('Since when it has this status and these holders, to the second, by `time`'),
        lastSaid: numbersOrNull(
          'When a statement that one of its standings rests on was last stated, to the second, by `time`; null: none has',
        ),
        control: numbers('Its standings, in `controls`'),
        flags: numbers('Its flags, in `flagSets`'),
        region: numbersOrNull('Its region, in `regions`'),
      })
      .meta({ id: 'MapPlaceColumns', description: 'The places, by id' }),
    reported: numbers('Rows whose coordinates no register has: statements reported them'),
  })
  .meta({ id: 'MapPlaces', description: 'Places in columns; what many have in common is in dictionaries' });

const mapBinsSchema = z
  .object({
    kind: z.literal('bins').meta({ description: 'Places counted by cells, because there are many' }),
    ...head,
    zoom: number('The zoom of the cells: lower than asked where the box would have too many'),
    size: z.number().meta({ description: 'Degrees of a cell, in longitude and latitude' }),
    statuses,
    columns: z
      .object({
        lon: z.array(z.number()).meta({ description: 'The mean longitude of the places in the cell' }),
        lat: z.array(z.number()).meta({ description: 'Their mean latitude' }),
        count: numbers('The number of places in the cell'),
        status: byStatus('of them'),
      })
      .meta({ id: 'MapBinColumns', description: 'The cells that have places' }),
  })
  .meta({ id: 'MapBins', description: 'Places counted by cells of a grid' });

export const mapSchema = z
  .discriminatedUnion('kind', [mapPlacesSchema, mapBinsSchema])
  .meta({ id: 'MapAnswer', description: 'All places of a filter: one by one, or counted by cells' });

export const mapChangesSchema = z
  .object({
    from: instant('Only changes from then on; null: all').nullable(),
    to: instant('Only changes up to then; null: all').nullable(),
    knownAt: moment.knownAt,
    ...madeAt,
    count: count('The number of changes'),
    time: timeSchema,
    statuses,
    parties,
    stages: z
      .array(
        z
          .object({ status: number('In `statuses`'), holders: numbers('In `parties`') })
          .meta({ id: 'MapStage', description: 'A status with its holders' }),
      )
      .meta({ description: 'Dictionary of statuses with their holders' }),
    places: z.array(z.string()).meta({ description: 'Dictionary of the ids of places' }),
    columns: z
      .object({
        place: numbers('The place, in `places`'),
        at: numbers('When the statement or retraction that caused it was stated, by `time`'),
        before: numbers('What it was before, in `stages`'),
        after: numbers('What it became, in `stages`'),
      })
      .meta({ id: 'MapChangeColumns', description: 'The changes, by time, then place' }),
  })
  .meta({ id: 'MapChanges', description: 'Changes of status or holders in columns' });

export const mapDaysSchema = z
  .object({
    knownAt: moment.knownAt,
    ...madeAt,
    count: count('The number of changes'),
    first: z.iso
      .date()
      .nullable()
      .meta({ description: 'The day of the first change (UTC); null: nothing changed' }),
    statuses,
    columns: z
      .object({
        day: numbers('Days since `first`'),
        count: numbers('The number of changes of the day'),
        status: byStatus('changes of the day'),
      })
      .meta({ id: 'MapDayColumns', description: 'The days with changes, in order' }),
  })
  .meta({ id: 'MapDays', description: 'Changes of status or holders counted by day' });

const counted = <T extends z.ZodType>(id: string, value: T, what: string) =>
  z
    .array(
      z
        .object({ value, count: count('The number of places') })
        .meta({ id, description: `How many places have ${what}` }),
    )
    .meta({ description: `Most first, at most 500: how many places have ${what}` });

export const facetsSchema = z
  .object({
    ...head,
    status: counted(
      'StatusFacet',
      z.enum(STATUSES).meta({ description: 'For the parameter `status`' }),
      'a status',
    ),
    side: counted('SideFacet', text('For the parameter `side`', 'russia'), 'a side as a holder'),
    flag: counted('FlagFacet', z.enum(FLAGS).meta({ description: 'For the parameter `flag`' }), 'a flag'),
    region: counted(
      'RegionFacet',
      text('For the parameter `region`; null: they have none', 'Kharkiv').nullable(),
      'a region',
    ),
  })
  .meta({
    id: 'Facets',
    description: 'Counts for each value of a filter, with all filters applied but its own',
  });
