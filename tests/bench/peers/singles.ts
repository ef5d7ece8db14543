import { Batcher } from '#libs/concurrency';
import { RecordStatements } from '#libs/commands';
import type { Result } from '#libs/domain';
import type { EventToAppend, Receipt } from '#libs/log';
import { createPool } from '#libs/platform';
import { commandsOn } from '../../support/commands.js';
import { shown, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { candidatesOf, openWithPlaces, placesByName, SHARDS, statementsOf } from '../statements.js';
import { best, chunks, concurrently, inTurns } from './contest.js';
import { CATEGORY, peerEventsOf, type PeerEvent } from './peer.js';
import type { PeerName, Stores } from './stores.js';

const EVENTS = 12_000;
/** Peers take longer. */
const PEER_EVENTS = 3000;
const TRIED_EVENTS = 1000;
const CALLERS = 64;
const PLACES = 2000;

/** One event at a time: 64 callers of ours, and as many of each peer as are best for it. */
export async function singles(ground: Ground, stores: Stores): Promise<Figure[]> {
  const inputs = statementsOf(EVENTS, PLACES, 'singles');
  const candidates = candidatesOf(inputs, placesByName(PLACES));
  const events = peerEventsOf(candidates);
  const registered = await ground.database();
  const pool = createPool(registered.url);
  await openWithPlaces(pool, PLACES);
  await pool.end();

  // As the command does it, with the parsing done before.
  const store = () =>
    stores.ours((opened) => {
      const batcher = new Batcher<EventToAppend, Result<Receipt>>((items) => opened.append(items), {
        items: 1000,
        atOnce: 2,
      });
      return concurrently(CALLERS, chunks(candidates, 1), (one) => batcher.submit(one));
    }, registered);
  const command = () =>
    stores.ours((opened) => {
      const commands = commandsOn(opened);
      return concurrently(CALLERS, chunks(inputs, 1), (one) => commands.execute(new RecordStatements(one)));
    }, registered);
  const peer = (name: PeerName, callers: number, given: readonly PeerEvent[]) =>
    stores.theirs(name, (opened) => concurrently(callers, chunks(given, 1), (one) => opened.append(one)));

  await command();
  const few = events.slice(0, TRIED_EVENTS);
  const bestOf = (name: PeerName) => best([1, 8, CALLERS], (callers) => peer(name, callers, few));
  const tried = { Emmett: await bestOf('Emmett'), 'message-db': await bestOf('message-db') };
  const spread = few.map((event, at) => ({ ...event, stream: `${CATEGORY}${at % SHARDS}-${event.id}` }));
  const inCategories = await peer('message-db', CALLERS, spread);
  const turn = (name: PeerName) => () => peer(name, tried[name].callers, events.slice(0, PEER_EVENTS));
  const rates = await inTurns(ground.runs, {
    store,
    command,
    Emmett: turn('Emmett'),
    'message-db': turn('message-db'),
  });
  await registered.drop();
  return (['Emmett', 'message-db'] as const).flatMap((name): Figure[] => [
    {
      name: `singles-${name}`,
      what: `${CALLERS} callers append one event at a time to the store, against ${name} with the callers that suit it best`,
      unit: 'events/s',
      ours: rates.store,
      limit: rates[name],
      notes: {
        [`${name} by callers`]: tried[name].tried,
        ...(name === 'message-db' && {
          [`message-db with ${SHARDS} categories, ${CALLERS} callers`]: shown(inCategories),
        }),
      },
    },
    {
      name: `commands-${name}`,
      what: 'the same through the command: statements as JSON, validated, their places resolved',
      unit: 'events/s',
      ours: rates.command,
      limit: rates[name],
      aim: { of: 'ratio', atLeast: 3 },
    },
  ]);
}
