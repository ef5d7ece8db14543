import { z } from 'zod';
import { SCHEMA_VERSION, type EventData, type RegisterEvent, type Toponym } from '../events/events.js';
import { validationIssues } from '../values/validation-issues.js';
import { fold } from '../values/fold.js';
import { REGISTER_STREAM, type EventId, type LocationId } from '../values/identity.js';
import { isSameCode, isSameToponym, type Place } from './place.js';
import { accept, refuse, type Result, type RefusalCode } from '../values/refusal.js';
import {
  coordinates,
  country,
  locationId,
  placeCode,
  type Coordinates,
  type PlaceCode,
} from '../statement/place-reference.js';
import { attributionOf, type Remarks, type Signed } from '../statement/remarks.js';
import { omitUndefined, remarks } from '../statement/statement.js';
import { name } from '../values/text.js';

export const toponym = z
  .strictObject({
    name: name(200).meta({ description: 'The name', examples: ['Kupyansk'] }),
    language: z
      .string()
      .max(35, { abort: true })
      .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag (BCP 47)')
      .optional()
      .meta({ description: 'Its language: a tag of BCP 47', examples: ['en'] }),
    script: z
      .string()
      .regex(/^[A-Z][a-z]{3}$/, 'must be a script code of four letters (ISO 15924)')
      .optional()
      .meta({ description: 'Its script: four letters of ISO 15924', examples: ['Latn'] }),
    kind: z
      .string()
      .regex(/^[a-z][a-z-]{0,39}$/, 'must be lower-case letters and "-", at most 40')
      .optional()
      .meta({ description: 'How it is used: official, alias, former, ...', examples: ['official'] }),
  })
  .meta({ title: 'Toponym', description: 'A name of a place' });

export const placeSchema = z
  .strictObject({
    id: locationId.optional().meta({ description: 'The id that it is to have (default: a random one)' }),
    names: z
      .array(toponym)
      .min(1, 'needs at least one name')
      .max(500)
      .meta({ description: 'Its names; the first is the one shown' }),
    codes: z.array(placeCode).max(50).optional().meta({ description: 'Its ids in other registers' }),
    coordinates: coordinates.optional(),
    country: country.optional(),
    countries: z
      .array(country)
      .max(20)
      .optional()
      .meta({ description: 'Every country that it is said to be in' }),
    region: name(200)
      .optional()
      .meta({ description: 'The region that it is in', examples: ['Kharkiv'] }),
    within: locationId.optional().meta({ description: 'The place that it is in' }),
    ...remarks,
  })
  .meta({ title: 'Place', description: 'A place, with what the register is to know of it' });
export const codeSchema = z
  .strictObject({ ...placeCode.shape, ...remarks })
  .meta({ description: 'A code that is added' });
export const countriesSchema = z
  .strictObject({
    countries: z
      .array(country)
      .max(20)
      .meta({ description: 'The countries that it is said to be in; the first is the one shown alone' }),
    ...remarks,
  })
  .meta({ description: 'The countries that a place is said to be in' });
export const nameSchema = z
  .strictObject({ ...toponym.shape, ...remarks })
  .meta({ description: 'A name that is added' });
export const coordinatesSchema = z
  .strictObject({ coordinates, ...remarks })
  .meta({ description: 'The coordinates of a place' });
export const mergeSchema = z
  .strictObject({ into: locationId, ...remarks })
  .meta({ description: 'The place that another one is the same as' });
export const remarksSchema = z.strictObject(remarks).meta({ description: 'Who does it, and why' });
/** Nobody voids a record without a name and a reason. */
export const voidSchema = z
  .strictObject({
    by: remarks.by.unwrap().meta({ description: 'Who does it', examples: ['desk'] }),
    reason: remarks.reason
      .unwrap()
      .meta({ description: 'Why it was a mistake', examples: ['the translation was wrong'] }),
  })
  .meta({ title: 'Void', description: 'A curator voids an ingest mistake' });
/** As `voidSchema`, of a caller that the service knows by name. */
export const signedVoidSchema = z
  .strictObject({
    by: remarks.by.meta({
      description: 'Who does it. Required of a caller without a key: with one, the key is named',
      examples: ['desk'],
    }),
    reason: voidSchema.shape.reason,
  })
  .meta({ title: 'Void', description: 'A curator voids an ingest mistake' });

/** Facts about one place, as a gazetteer or a curator gives them. */
export interface PlaceFacts {
  names: Toponym[];
  codes?: PlaceCode[];
  coordinates?: Coordinates;
  country?: string;
  /** Every country that it is said to be in, `country` first. */
  countries?: string[];
  region?: string;
  within?: LocationId;
}

/** The commands to the register of places. `reconcile` is for gazetteers: it adds what differs and removes nothing. */
export type PlaceCommand = { id: LocationId } & Remarks &
  Signed &
  (
    | ({ kind: 'register' | 'reconcile' } & PlaceFacts)
    | { kind: 'add-name'; toponym: Toponym }
    | { kind: 'remove-name'; name: string }
    | { kind: 'add-code' | 'remove-code'; code: PlaceCode }
    | { kind: 'countries'; countries: string[] }
    | { kind: 'position'; coordinates: Coordinates }
    | { kind: 'merge'; into: LocationId }
    | { kind: 'unmerge' }
  );

/** Validates the body of a command with its schema; every wrong field is named. */
export function parseBody<T, Code extends string = RefusalCode>(
  schema: z.ZodType<T>,
  body: unknown,
  code: Code = 'command-invalid' as Code,
): Result<T, Code> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return accept(parsed.data);
  const faults = validationIssues(parsed.error);
  return refuse(
    code,
    faults.length === 1
      ? `${faults[0]!.pointer || 'the body'} ${faults[0]!.detail}`
      : `${faults.length} fields are wrong`,
    faults,
  );
}

/** The other places that a command names: the decision needs them besides the command's own place. */
export const namedBy = (command: PlaceCommand): LocationId[] =>
  command.kind === 'merge'
    ? [command.into]
    : command.kind === 'register' && command.within
      ? [command.within]
      : [];

/** The codes that a command names: the decision needs the places that have them. */
export const codesOf = (command: PlaceCommand): readonly PlaceCode[] =>
  command.kind === 'add-code' || command.kind === 'remove-code'
    ? [command.code]
    : command.kind === 'register'
      ? (command.codes ?? [])
      : [];

/** A place that already has a code. */
export interface CodeHolder extends PlaceCode {
  id: LocationId;
}

/**
 * Decides on a command to the register. An empty list of events means that the command changes nothing.
 * @param places the place itself, those the command names and the holders, each with the places it is merged into, where they
 * are known
 * @param newId a fresh random event id for each call
 * @param holders the places that have the codes that the command names, merged ones too
 */
export function decidePlaceCommand(
  command: PlaceCommand,
  places: ReadonlyMap<LocationId, Place>,
  newId: () => EventId,
  holders: readonly CodeHolder[] = [],
): Result<RegisterEvent[]> {
  const { id: locationId, reason } = command;
  const place = places.get(locationId);
  const event = <T extends RegisterEvent['type']>(
    type: T,
    data: Omit<EventData[T], 'locationId' | 'reason'>,
  ) =>
    ({
      eventId: newId(),
      type,
      schemaVersion: SCHEMA_VERSION,
      stream: REGISTER_STREAM,
      data: { locationId, ...data, ...omitUndefined({ reason }) },
      ...attributionOf(command),
    }) as unknown as RegisterEvent;

  for (const [pointer, named] of [
    ['/into', command.kind === 'merge' && command.into],
    ['/within', command.kind === 'register' && command.within],
  ] as const)
    if (named && !places.has(named))
      return refuse('location-unknown', `no place has the id ${named}`, [
        { pointer, detail: 'is not known' },
      ]);

  const hasCode = (code: PlaceCode) => place?.codes.some((one) => isSameCode(one, code)) ?? false;
  const otherHolder = (code: PlaceCode) =>
    hasCode(code) ? undefined : holders.find((one) => isSameCode(one, code) && one.id !== locationId);
  // A code means one place: a second holder would make it ambiguous now, or when a merge is undone.
  if (command.kind !== 'remove-code')
    for (const [at, code] of codesOf(command).entries()) {
      const holder = otherHolder(code);
      if (!holder) continue;
      if (command.kind === 'add-code' && rootOf(holder.id, places) === rootOf(locationId, places))
        return accept([]);
      const owner = holderText(holder.id, places);
      return refuse('location-conflict', `${code.scheme} ${code.value} is a code of ${owner}`, [
        {
          pointer: command.kind === 'register' ? `/codes/${at}` : '/value',
          detail: `is a code of ${owner} already`,
        },
      ]);
    }

  if (command.kind === 'register' || command.kind === 'reconcile') {
    const facts = factsOf(command);
    if (!place?.registered) return accept([event('location.registered', facts)]);
    const changes = differences(place, facts, event);
    if (command.kind === 'register' && changes.length > 0)
      return refuse('location-conflict', `${locationId} is registered already, with other content`, [
        { pointer: '/id', detail: 'is taken' },
      ]);
    return accept(changes);
  }
  if (!place) return refuse('location-not-found', `no place has the id ${locationId}`);
  switch (command.kind) {
    case 'add-name': {
      const added = nameOf(command.toponym);
      return accept(
        place.names.some((one) => isSameToponym(one, added)) ? [] : [event('location.name-added', added)],
      );
    }
    case 'remove-name': {
      const removed = namesAlike(place.names, command.name);
      if (removed.length === 0)
        return refuse('name-not-found', `${locationId} has no name ${command.name}`, [
          { pointer: '/name', detail: 'is not a name of the place' },
        ]);
      if (place.registered && place.names.every(({ name }) => removed.includes(name)))
        return refuse('location-conflict', 'a registered place keeps at least one name', [
          { pointer: '/name', detail: 'is its last name' },
        ]);
      return accept(removed.map((name) => event('location.name-removed', { name })));
    }
    case 'add-code':
      return accept(hasCode(command.code) ? [] : [event('location.code-added', command.code)]);
    case 'remove-code': {
      const { code } = command;
      if (hasCode(code)) return accept([event('location.code-removed', code)]);
      const holder = otherHolder(code);
      const detail = holder ? `is a code of ${holderText(holder.id, places)}` : 'is not a code of the place';
      return refuse('code-not-found', `${locationId} has no code ${code.scheme} ${code.value} of its own`, [
        { pointer: '/value', detail },
      ]);
    }
    case 'countries':
      if (!place.registered)
        return refuse(
          'location-conflict',
          `${locationId} is not registered: its country is what statements say`,
          [
            {
              pointer: '/countries',
              detail: 'are those of a registered place: register it, or merge it into one',
            },
          ],
        );
      return accept(
        isSameList(place.countries, distinct(command.countries))
          ? []
          : [event('location.registered', { names: [], ...aroundOf(place), ...countriesOf(command) })],
      );
    case 'position':
      return accept(
        samePosition(place.coordinates, command.coordinates)
          ? []
          : [event('location.positioned', { coordinates: command.coordinates })],
      );
    case 'merge':
      return decideMerge(place, command.into, places, (into) => event('location.merged', { into }));
    case 'unmerge':
      return accept(
        place.mergedInto === null ? [] : [event('location.unmerged', { from: place.mergedInto })],
      );
    default:
      return never(command as never);
  }
}

/** The place that an id means, by all its merges. */
function rootOf(id: LocationId, places: ReadonlyMap<LocationId, Place>): LocationId {
  const into = places.get(id)?.mergedInto;
  return into ? rootOf(into, places) : id;
}

function holderText(id: LocationId, places: ReadonlyMap<LocationId, Place>): string {
  const root = rootOf(id, places);
  return root === id ? id : `${id}, which is merged into ${root}`;
}

function decideMerge(
  place: Place,
  into: LocationId,
  places: ReadonlyMap<LocationId, Place>,
  merged: (into: LocationId) => RegisterEvent,
): Result<RegisterEvent[]> {
  if (place.mergedInto === into) return accept([]);
  if (place.mergedInto)
    return refuse(
      'location-merged',
      `${place.id} is merged into ${place.mergedInto} already; unmerge it first`,
    );
  for (let at: LocationId | null | undefined = into; at; at = places.get(at)?.mergedInto)
    if (at === place.id)
      return refuse(
        'merge-circle',
        at === into ? 'a place cannot be merged into itself' : `${into} is itself merged into ${place.id}`,
        [{ pointer: '/into', detail: 'would close a circle of merges' }],
      );
  return accept([merged(into)]);
}

/** The facts of a gazetteer about a registered place that the register lacks. */
function differences(
  place: Place,
  facts: PlaceFacts,
  event: <T extends RegisterEvent['type']>(
    type: T,
    data: Omit<EventData[T], 'locationId' | 'reason'>,
  ) => RegisterEvent,
): RegisterEvent[] {
  const differs = (key: 'region' | 'within') => facts[key] !== undefined && facts[key] !== place[key];
  const newCodes = (facts.codes ?? []).filter((code) => !place.codes.some((one) => isSameCode(one, code)));
  // A country that a curator has added stays.
  const countries = distinct([
    ...(facts.countries ?? (facts.country === undefined ? [] : [facts.country])),
    ...place.countries,
  ]);
  if (countries.length > place.countries.length || differs('region') || differs('within'))
    return [event('location.registered', { ...aroundOf(place), ...facts, ...countriesOf({ countries }) })];
  return [
    ...facts.names
      .filter((name) => !place.names.some((one) => isSameToponym(one, name)))
      .map((name) => event('location.name-added', name)),
    ...newCodes.map((code) => event('location.code-added', code)),
    ...(facts.coordinates && !samePosition(place.coordinates, facts.coordinates)
      ? [event('location.positioned', { coordinates: facts.coordinates })]
      : []),
  ];
}

const factsOf = ({
  names,
  codes,
  coordinates,
  country,
  countries,
  region,
  within,
}: PlaceFacts): PlaceFacts => ({
  names: names.map(nameOf),
  ...omitUndefined({
    codes: codes?.length ? codes : undefined,
    coordinates,
    ...countriesOf({ country, countries }),
    region,
    within,
  }),
});

/** Countries as an event has them: one as `country`, several as `countries` with the first as `country`. */
function countriesOf({
  country,
  countries = [],
}: {
  country?: string | undefined;
  countries?: readonly string[] | undefined;
}): Pick<PlaceFacts, 'country' | 'countries'> {
  const all = distinct(country === undefined ? countries : [country, ...countries]);
  return omitUndefined({ country: all[0], countries: all.length > 1 ? all : undefined });
}

const aroundOf = ({ region, within }: Place) =>
  omitUndefined({ region: region ?? undefined, within: within ?? undefined });

/** The names of a place that match a name as given: those spelled the same, or else those that fold to the same. */
function namesAlike(names: readonly Toponym[], name: string): string[] {
  const same = names.filter((one) => one.name === name);
  const alike = same.length > 0 ? same : names.filter((one) => fold(one.name) === fold(name));
  return distinct(alike.map((one) => one.name));
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);

const nameOf = ({ name, language, script, kind }: Toponym): Toponym => ({
  name,
  ...omitUndefined({ language, script, kind }),
});

const samePosition = (a: Coordinates | null, b: Coordinates) => a !== null && a[0] === b[0] && a[1] === b[1];

const never = (command: never): never => {
  throw new TypeError(`unknown command: ${JSON.stringify(command)}`);
};
