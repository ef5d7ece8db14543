import type { Message } from 'kafkajs';
import { EventStore } from '#libs/log';
import { Relay } from '#libs/feed';
import { createPool } from '#libs/platform';
import { sourceOf } from '#libs/messaging';
import { filled } from '../filled.js';
import { inTurns, median, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { SHARDS } from '../statements.js';
import { bareRelay, messagesOf } from './bare-relay.js';

const STATEMENTS = 40_000;
const PLACES = 2000;
/** What the relay takes at once (libs/feed/src/relay/relay.ts). */
const BATCH = 2000;
/** As many connections as the service gives a relay. */
const CONNECTIONS = 3;

/** The log until an empty topic has all of it, against a bare producer that sends the same bytes from memory. */
export async function kafkaRelay(ground: Ground): Promise<Figure[]> {
  const { kafka, ...broker } = await ground.broker();
  const database = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'relay',
    projected: false,
  });
  const pool = createPool(database.url, { max: CONNECTIONS });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const total = (await store.heads()).reduce((sum, { position }) => sum + position, 0);
  let batches: Message[][] = [];
  const sizes: number[] = [];

  const ours = async (after: (topic: string) => Promise<void> = async () => {}) => {
    const topics = await broker.topics();
    const stopping = new AbortController();
    let begin = 0;
    let sent = 0;
    let running: Promise<void>;
    const took = await new Promise<number>((resolve) => {
      const relay = new Relay(pool, kafka, {
        topic: topics.events,
        source: sourceOf(store.id),
        onLeading: (leads) => void (leads && (begin = performance.now())),
        onSent: (events) => {
          sizes.push(events);
          if ((sent += events) >= total) resolve(performance.now() - begin);
        },
        onError: (error) => ground.say(`  ${String(error)}`),
      });
      running = relay.run(stopping.signal);
    });
    stopping.abort();
    await running!;
    await after(topics.events);
    await topics.drop();
    return (total * 1000) / took;
  };
  const bare = async () => {
    const topics = await broker.topics();
    const took = await bareRelay(kafka, topics.events, batches);
    await topics.drop();
    return (total * 1000) / took;
  };

  await ours(async (topic) => void (batches = await messagesOf(kafka, topic, BATCH)));
  await bare();
  sizes.length = 0;
  const measured = await inTurns(ground.runs, () => ours(), bare);
  await pool.end();
  await database.drop();
  return [
    {
      name: 'kafka-relay',
      what:
        'the log into an empty topic until all is acknowledged, ' +
        'against a bare idempotent kafkajs producer that sends the same bytes from memory',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.5 },
      notes: { 'events a send': median(sizes) },
    },
  ];
}
