import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { describeOwnKafka } from '../support/kafka/test-broker.js';
import { runKafkaChaos } from './kafka/kafka-chaos.js';

const SEED = Math.floor(Math.random() * 2 ** 31);

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
