import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import pg from 'pg';
import { describeOwnKafka } from '../support/kafka/test-broker.js';
import type { Fault } from './kafka/fault-injection.js';
import { runKafkaChaos } from './kafka/kafka-chaos.js';
import type { Run } from './kafka/run.js';

const SEED = Math.floor(Math.random() * 2 ** 31);
const BLOWS: Fault[] = ['relay', 'recorder', 'broker', 'projector'];

describeOwnKafka('with Kafka', () => {
  test(`what the broker has acknowledged survives kill -9 of recorder, relay, projector and broker (seed ${SEED})`, async () => {
    const sabotage: string[] = [];
    const report = await runKafkaChaos({
      blows: BLOWS,
      brokers: 1,
      seed: SEED,
      rate: 300,
      loadMs: 1500,
      // Each keeps a shard waiting for 10 s.
      strangers: (blow) => (blow === 'relay' ? 2 : 0),
      folder: join(process.env.CLAIMLINE_TEST_TMP!, `kafka-chaos-${process.pid}`),
      atEnd: async (run) => {
        // The audits must be able to fail.
        run.ledger.promised.add('never-recorded');
        await shorten(run, 'deadLetters');
        await shorten(run, 'events');
        await tamper(run);
        sabotage.push(...(await run.whole()));
      },
    });
    expect({ faults: report.faults, rounds: report.rounds.map(({ blow }) => blow) }).toEqual({
      faults: [],
      rounds: BLOWS,
    });
    const found = sabotage.join('\n');
    expect(found).toMatch(/LOST: never-recorded was acknowledged/);
    expect(found).toMatch(/LOST: letter \d+ .* is not among the dead letters/);
    expect(found).toMatch(/LOST: after \d+:0 comes \d+:[2-9]/);
    expect(found).toMatch(/the state has/);
  }, 900_000);
});

describeOwnKafka('with three brokers', () => {
  test(`nothing is lost, and order is kept, where one of them is killed under load (seed ${SEED})`, async () => {
    const report = await runKafkaChaos({
      blows: ['one-of-three'],
      brokers: 3,
      seed: SEED,
      rate: 300,
      loadMs: 2000,
      strangers: () => 0,
      folder: join(process.env.CLAIMLINE_TEST_TMP!, `three-brokers-${process.pid}`),
    });
    expect({ faults: report.faults, rounds: report.rounds.length }).toEqual({ faults: [], rounds: 1 });
    expect(report.messages).toBeGreaterThan(0);
  }, 600_000);
});

/** Takes the first message of some partition of a topic away, on the broker. */
async function shorten({ arena: { kafka, topics } }: Run, which: 'deadLetters' | 'events'): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(topics[which]);
    const { partition } = ends.find(({ high }) => Number(high) > 1)!;
    await admin.deleteTopicRecords({ topic: topics[which], partitions: [{ partition, offset: '1' }] });
  } finally {
    await admin.disconnect();
  }
}

async function tamper({ databaseUrl }: Run): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `update read_models.location_state set state = jsonb_set(state::jsonb, '{statements}', '0')::text
     where id = (select id from read_models.location_state where statements > 0 limit 1)`,
  );
  await client.end();
}
