import { EVENT_TYPES, SCHEMA_VERSION, type EventType, type LogPosition, type NewEvent } from './events.js';

/** Converts the data of one event type from one schema version to the next. */
export type Upcaster = (data: unknown) => unknown;

/** The upcasters of each event type, by the version they read: `{'claim.asserted': {1: from1to2}}`. */
export type Upcasters = Partial<Record<EventType, Record<number, Upcaster>>>;

/** No event type has changed yet; the first change puts its upcaster here and raises the version it is written in. */
export const upcasters: Upcasters = {};

/**
 * An event as this version reads it; the stored text stays as it is.
 * @throws where the type is unknown or the event was written by a newer version
 */
export function upcast(stored: NewEvent, by: Upcasters = upcasters): NewEvent {
  if (!EVENT_TYPES.includes(stored.type))
    throw new Error(`event ${stored.eventId} has the unknown type ${stored.type}`);
  const steps = by[stored.type];
  if (!steps && stored.schemaVersion === SCHEMA_VERSION) return stored;
  let { data, schemaVersion }: { data: unknown; schemaVersion: number } = stored;
  for (let step = steps?.[schemaVersion]; step; step = steps?.[schemaVersion]) {
    data = step(data);
    schemaVersion += 1;
  }
  const newest = Math.max(SCHEMA_VERSION, ...Object.keys(steps ?? {}).map((version) => Number(version) + 1));
  if (schemaVersion !== newest)
    throw new Error(
      `event ${stored.eventId} of type ${stored.type} has schema version ${stored.schemaVersion}, which this version cannot read`,
    );
  return schemaVersion === stored.schemaVersion ? stored : ({ ...stored, data, schemaVersion } as NewEvent);
}

/** A stored event as readers receive it: in the newest schema version, with its place in the log. @throws as `upcast` */
export const eventAt = <P extends LogPosition>(stored: NewEvent, at: P, by?: Upcasters): NewEvent & P =>
  Object.assign(upcast(stored, by), at);
