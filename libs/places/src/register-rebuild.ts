import {
  isClaim,
  isRegister,
  type EventId,
  type LocationId,
  type Place,
  type RecordedEvent,
  type Token,
} from '#libs/domain';
import { type EventStore, insertProvisional } from '#libs/log';
import { apply } from './register.js';
import { clearPlaces, writePlaces } from './register-tables.js';

const MAX_BATCH = 500;

/**
 * Rebuilds the register's tables from the log. Most of the log is read while others append; appends wait only while the
 * rest is read and the tables are written. Needs two connections.
 * @returns the number of places in the register
 */
export async function rebuildRegister(store: EventStore): Promise<number> {
  const register = new Contents();
  const reached = await register.take(store.readAll());
  return store.appendDeciding(
    Array.from({ length: store.shards }, (_, shard) => shard),
    async ({ client }) => {
      await register.take(store.readAll(reached));
      await clearPlaces(client);
      const places = [...register.places].map(([id, place]) => ({
        ...place,
        lastEvent: register.lastEvents.get(id)!,
      }));
      for (let at = 0; at < places.length; at += MAX_BATCH)
        await writePlaces(client, places.slice(at, at + MAX_BATCH));
      const provisional = [...register.mentioned].filter((id) => !register.places.has(id));
      await insertProvisional(client, provisional);
      return places.length + provisional.length;
    },
  );
}

/** The places of a log: those the register has events about, and those that statements were recorded on. */
class Contents {
  readonly places = new Map<LocationId, Place>();
  readonly lastEvents = new Map<LocationId, EventId>();
  readonly mentioned = new Set<LocationId>();

  /** The token of the last events applied. */
  async take(events: AsyncIterable<RecordedEvent>): Promise<Token> {
    const reached = new Map<number, number>();
    for await (const event of events) {
      reached.set(event.shard, event.position);
      if (isRegister(event))
        for (const [id, last] of apply(this.places, [event])) this.lastEvents.set(id, last);
      else if (isClaim(event)) this.mentioned.add(event.stream as LocationId);
    }
    return reached;
  }
}
