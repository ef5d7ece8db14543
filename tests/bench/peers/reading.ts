import { withClient } from '../copy.js';
import type { Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { candidatesOf, placesByName, statementsOf } from '../statements.js';
import { chunks, inTurns } from './contest.js';
import { PAGE, peerEventsOf, type OpenPeer, type PeerEvent } from './peer.js';
import type { Stores } from './stores.js';

const EVENTS = 30_000;
const PLACES = 300;

/** All events in one order over all streams, parsed. */
export async function reading(ground: Ground, stores: Stores): Promise<Figure[]> {
  const candidates = candidatesOf(statementsOf(EVENTS, PLACES, 'reading'), placesByName(PLACES));
  const byStream = new Map<string, PeerEvent[]>();
  for (const event of peerEventsOf(candidates))
    (byStream.get(event.stream) ?? byStream.set(event.stream, []).get(event.stream)!).push(event);
  const fill = async (peer: OpenPeer, url: string) => {
    for (const events of byStream.values()) await peer.append(events);
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
          async ours() {
            let events = 0;
            for await (const event of store.readAll()) events += event.position > 0 ? 1 : 0;
            return events;
          },
          Emmett: () => emmett.read(),
          'message-db': () => messageDb.read(),
        };
        const rateOf = (read: () => Promise<number>) => async () => {
          const begin = performance.now();
          const events = await read();
          if (events !== EVENTS) throw new Error(`read ${events} of ${EVENTS} events`);
          return (EVENTS * 1000) / (performance.now() - begin);
        };
        for (const read of Object.values(readers)) await read();
        return inTurns(ground.runs, {
          ours: rateOf(readers.ours),
          Emmett: rateOf(readers.Emmett),
          'message-db': rateOf(readers['message-db']),
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
  }));
}

const vacuum = (url: string) => withClient(url, (client) => client.query('vacuum analyze'));
