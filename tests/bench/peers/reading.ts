import { withClient } from '../copy.js';
import { median, shown, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { readAll, readShards } from '../read-log.js';
import { candidatesOf, placesByName, statementsOf } from '../statements.js';
import { chunks, inTurns } from './contest.js';
import { PAGE, peerEventsOf, type OpenPeer, type PeerEvent } from './peer.js';
import type { Stores } from './stores.js';

const EVENTS = 30_000;
const PLACES = 300;

/** All events in one order over all streams, parsed. */
export async function reading(ground: Ground, stores: Stores): Promise<Figure[]> {
  const candidates = candidatesOf(statementsOf(EVENTS, PLACES, 'reading'), placesByName(PLACES));
  const streams = byStream(peerEventsOf(candidates));
  const fill = async (peer: OpenPeer, url: string) => {
    for (const events of streams) await peer.append(events);
    await vacuum(url);
  };
  const rates = await stores.ours((store, ours) =>
    stores.theirs('Emmett', (emmett, itsDatabase) =>
      stores.theirs('message-db', async (messageDb, itsOther) => {
        for (const batch of chunks(candidates, 1000)) await store.append(batch);
        await vacuum(ours.url);
        await fill(emmett, itsDatabase.url);
        await fill(messageDb, itsOther.url);
        const readers = {
          ours: () => readAll(store),
          shards: () => readShards(store),
          Emmett: () => emmett.read(),
          'message-db': () => messageDb.read(),
        };
        for (const read of Object.values(readers)) await rateOf(read);
        return inTurns(ground.runs, {
          ours: () => rateOf(readers.ours),
          shards: () => rateOf(readers.shards),
          Emmett: () => rateOf(readers.Emmett),
          'message-db': () => rateOf(readers['message-db']),
        });
      }),
    ),
  );
  return (['Emmett', 'message-db'] as const).map((name): Figure => ({
    name: `read-${name}`,
    what: `the log read as one sequence over all streams, parsed, against ${name} ${PAGE} at a time`,
    unit: 'events/s',
    ours: rates.ours,
    limit: rates[name],
    ...(name === 'message-db' && { aim: { of: 'ratio', atLeast: 1 } }),
    notes: { 'ours shard by shard, two at a time': shown(median(rates.shards)) },
  }));
}

async function rateOf(read: () => Promise<number>): Promise<number> {
  const begin = performance.now();
  const events = await read();
  if (events !== EVENTS) throw new Error(`read ${events} of ${EVENTS} events`);
  return (EVENTS * 1000) / (performance.now() - begin);
}

function byStream(events: readonly PeerEvent[]): PeerEvent[][] {
  const streams = new Map<string, PeerEvent[]>();
  for (const event of events) {
    const known = streams.get(event.stream);
    if (known) known.push(event);
    else streams.set(event.stream, [event]);
  }
  return [...streams.values()];
}

const vacuum = (url: string) => withClient(url, (client) => client.query('vacuum analyze'));
