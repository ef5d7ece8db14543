import { copyIn, EVENT_COLUMNS, rowsOf, withClient } from '../copy.js';
import { shown, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { candidatesOf, placesByName, statementsOf } from '../statements.js';
import { best, chunks, concurrently, inTurns } from './contest.js';
import { CATEGORY, peerEventsOf } from './peer.js';
import type { Stores } from './stores.js';

const EVENTS = 40_000;
const PLACES = 2000;
const BATCH = 1000;
const EMMETT_BATCH = 100;

/** Batches as each store likes them best: ours of any streams, Emmett's of one stream. */
export async function batches(ground: Ground, stores: Stores): Promise<Figure[]> {
  const candidates = candidatesOf(statementsOf(EVENTS, PLACES, 'batches'), placesByName(PLACES));
  const rows = rowsOf(candidates).events;
  const byStream = chunks(peerEventsOf(candidates), EMMETT_BATCH).map((events, at) =>
    events.map((event) => ({ ...event, stream: `${CATEGORY}-batch-${at}` })),
  );
  const ours = (callers: number, size = BATCH) =>
    stores.ours((store) => concurrently(callers, chunks(candidates, size), (batch) => store.append(batch)));
  const emmett = (callers: number) =>
    stores.theirs('Emmett', (peer) => concurrently(callers, byStream, (batch) => peer.append(batch)));
  const copy = () =>
    stores.ours((_, { url }) =>
      withClient(url, (client) =>
        concurrently(1, [candidates], () => copyIn(client, `claimline.events (${EVENT_COLUMNS})`, rows)),
      ),
    );

  await ours(1);
  const own = await best([1, 2], ours);
  const other = await best([1, 8], emmett);
  const small = await ours(8, EMMETT_BATCH);
  const rates = await inTurns(ground.runs, {
    ours: () => ours(own.callers),
    copy,
    emmett: () => emmett(other.callers),
  });
  const what = `append of ${BATCH} events a call`;
  return [
    {
      name: 'batches-COPY',
      what: `${what}, against one COPY of the finished rows`,
      unit: 'events/s',
      ours: rates.ours,
      limit: rates.copy,
      aim: { of: 'ratio', atLeast: 0.5 },
      notes: { 'by callers': own.tried },
    },
    {
      name: 'batches-Emmett',
      what: `${what}, against calls of ${EMMETT_BATCH} events, each to a stream of its own`,
      unit: 'events/s',
      ours: rates.ours,
      limit: rates.emmett,
      aim: { of: 'ratio', atLeast: 1.2 },
      notes: { 'Emmett by callers': other.tried, [`ours with 8 callers of ${EMMETT_BATCH}`]: shown(small) },
    },
  ];
}
