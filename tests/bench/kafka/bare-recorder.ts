import type { Batch, Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import { randomBytes, randomUUID } from 'node:crypto';
import type { StatementInput } from '../../support/war.js';

/** What the service's own consumer is given (libs/messaging/src/consumer/consume.ts). */
const SETTINGS = {
  sessionTimeout: 10_000,
  rebalanceTimeout: 30_000,
  heartbeatInterval: 1000,
  maxWaitTimeInMs: 300,
};
const PARTITIONS_AT_ONCE = 64;

/**
 * The least that could bring statements from a topic into the store: kafkajs, JSON.parse, and one insert a batch of the
 * columns of claimline.events and claimline.statement_ids. It validates nothing, resolves no place and hashes nothing.
 * @returns the milliseconds from the moment it was given its partitions until this number of messages was inserted
 */
export async function bareRecorder(
  kafka: Kafka,
  pool: pg.Pool,
  topic: string,
  groupId: string,
  count: number,
): Promise<number> {
  const consumer = kafka.consumer({ groupId, ...SETTINGS });
  let begin = 0;
  let inserted = 0;
  consumer.on(consumer.events.GROUP_JOIN, () => (begin = performance.now()));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const took = await new Promise<number>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const eachBatch = async ({ batch }: { batch: Batch }) => {
      await insert(pool, batch.partition, batch.messages);
      if ((inserted += batch.messages.length) >= count) resolve(performance.now() - begin);
    };
    consumer.run({ partitionsConsumedConcurrently: PARTITIONS_AT_ONCE, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return took;
}

async function insert(pool: pg.Pool, partition: number, messages: readonly KafkaMessage[]): Promise<void> {
  const recordedAt = new Date().toISOString();
  const rows = messages.map(({ value, offset }) => {
    const body = value!.toString();
    const { location, statementId } = JSON.parse(body) as StatementInput;
    return {
      position: Number(offset) + 1,
      eventId: randomUUID(),
      id: statementId ?? randomUUID(),
      stream: 'id' in location ? location.id : location.name,
      body,
    };
  });
  await pool.query({
    name: 'insert',
    text: `
      with n as (
        select * from unnest($1::bigint[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::uuid[], $8::bytea[])
          n (position, event_id, stream, digest, chain, body, id, id_digest)
      ), ids as (
        insert into claimline.statement_ids (id, digest, event_id) select id, id_digest, event_id from n
      )
      insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body)
      select $9::smallint, position, $10::timestamptz, event_id, 'claim.asserted', stream, digest, chain, body from n`,
    values: [
      rows.map(({ position }) => position),
      rows.map(({ eventId }) => eventId),
      rows.map(({ stream }) => stream),
      rows.map(() => randomBytes(32)),
      rows.map(() => randomBytes(32)),
      rows.map(({ body }) => body),
      rows.map(({ id }) => id),
      rows.map(() => randomBytes(32)),
      partition,
      recordedAt,
    ],
  });
}
