import type { Message } from 'kafkajs';
import { EventStore } from '#libs/log';
import { Relay } from '#libs/feed';
import { createPool } from '#libs/platform';
import { sourceOf } from '#libs/messaging';
import type { Database, Ground } from '../ground.js';
import { SHARDS } from '../statements.js';
import { messagesOf } from './bare-relay.js';
import { until } from './drained.js';
import { stagesOf } from './progress.js';

const BATCH = 2000;

/** The messages that the relay makes of a log. */
export async function relayed(ground: Ground, source: Database): Promise<Message[][]> {
  const { kafka, ...broker } = await ground.broker();
  const topics = await broker.topics();
  const pool = createPool(source.url, { max: 4 });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const stopping = new AbortController();
  const relay = new Relay(pool, kafka, { topic: topics.events, source: sourceOf(store.id) });
  const running = relay.run(stopping.signal);
  await until(async () => (await stagesOf(pool)).relayed === (await stagesOf(pool)).recorded);
  stopping.abort();
  await running;
  // Each run has a topic of its own, for which there is no cursor.
  await pool.query('delete from claimline.relay_cursors');
  await pool.end();
  const batches = await messagesOf(kafka, topics.events, BATCH);
  await topics.drop();
  return batches;
}
