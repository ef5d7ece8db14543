import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, Message } from 'kafkajs';
import type pg from 'pg';
import { EventStore } from '#libs/log';
import { Relay } from '#libs/feed';
import { createPool } from '#libs/platform';
import { sourceOf } from '#libs/messaging';
import { withClient } from '../copy.js';
import { filled } from '../filled.js';
import { inTurns, type Figure } from '../figure.js';
import type { Database, Ground } from '../ground.js';
import { end, service } from '../served.js';
import { SHARDS } from '../statements.js';
import { messagesOf } from './bare-relay.js';
import { produce } from './bench-broker.js';
import { stagesOf } from './progress.js';

const STATEMENTS = 30_000;
const PLACES = 2000;
const BATCH = 2000;
const TIMEOUT_MS = 120_000;

/** A topic full of events into read models that know only the places: two processes against one. */
export async function kafkaProjectors(ground: Ground): Promise<Figure[]> {
  const source = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'projectors',
    projected: false,
  });
  const batches = await relayed(ground, source);
  const measured = await inTurns(
    ground.runs,
    () => drain(ground, source, batches, 2),
    () => drain(ground, source, batches, 1),
  );
  await source.drop();
  return [
    {
      name: 'kafka-projectors',
      what: 'two projector processes bring read models up to date from the topic, against one',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 1 },
    },
  ];
}

/** The messages that the relay makes of the log. */
async function relayed(ground: Ground, source: Database): Promise<Message[][]> {
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

/**
 * Events a second from the moment that this number of projectors may begin: they have shared the shards out, and the topic has
 * all events. Until then a lock on the checkpoints holds them, with the first messages in hand.
 */
async function drain(
  ground: Ground,
  source: Database,
  batches: readonly Message[][],
  projectors: number,
): Promise<number> {
  const { kafka, ...broker } = await ground.broker();
  const [database, topics] = [await ground.database(source.name), await broker.topics()];
  const servings = await Promise.all(
    Array.from({ length: projectors }, () => service(ground, database, ['projector'], topics.env)),
  );
  await joined(kafka, `${topics.env.KAFKA_PREFIX}.projector`, projectors);
  const rate = await withClient(database.url, async (client) => {
    const { recorded, projected } = await stagesOf(client);
    await gated(client, () => produce(kafka, topics.events, batches));
    const begin = performance.now();
    await until(async () => (await stagesOf(client)).projected === recorded);
    return ((recorded - projected) * 1000) / (performance.now() - begin);
  });
  await Promise.all(servings.map(end));
  await database.drop();
  await topics.drop();
  return rate;
}

/** Does something while no projection can begin. */
async function gated(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  await client.query('lock table read_models.checkpoint in exclusive mode');
  await work();
  await client.query('commit');
}

async function joined(kafka: Kafka, groupId: string, members: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await until(async () => {
    const [group] = (await admin.describeGroups([groupId])).groups;
    return group?.state === 'Stable' && group.members.length === members;
  });
  await admin.disconnect();
}

async function until(there: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + TIMEOUT_MS; !(await there()); await sleep(20))
    if (performance.now() > deadline) throw new Error('waited in vain');
}
