import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { whyNoBroker, whyNoKafka } from './available.js';
import { startCluster } from './cluster.js';

/** For tests that use testBroker(): skipped where there is no Kafka; the global setup has said why. */
export const describeKafka = whyNoKafka() === undefined ? describe : describe.skip;

/** For tests that start brokers of their own, which KAFKA_BROKERS is no help for. */
export const describeOwnKafka = (whyNoKafka() ?? whyNoBroker()) === undefined ? describe : describe.skip;

/**
 * The bootstrap servers of the Kafka for tests: KAFKA_BROKERS, or one broker for the whole run, which the first to ask
 * starts. It is for all test files at once: each keeps to topics and groups under a freshPrefix().
 */
export function testBroker(): Promise<string> {
  const { KAFKA_BROKERS: own = '' } = process.env;
  asked ??= own === '' ? sharedBroker() : Promise.resolve(own);
  return asked;
}

let asked: Promise<string> | undefined;

/** A name to begin the names of topics and groups with, of this test file in this run alone. */
export function freshPrefix(): string {
  return `test-${process.env.CLAIMLINE_TEST_RUN}-${randomBytes(4).toString('hex')}`;
}

/** Longer than a broker may take to start. */
const START_TIMEOUT_MS = 100_000;

async function sharedBroker(): Promise<string> {
  const { CLAIMLINE_TEST_TMP } = process.env;
  if (CLAIMLINE_TEST_TMP === undefined)
    throw new Error('no folder for a broker: run the tests through jest, whose global setup makes one');
  const folder = join(CLAIMLINE_TEST_TMP, 'kafka');
  const startedFile = join(folder, 'started.json');
  if (isFirst(folder)) await start(folder, startedFile);
  for (const deadline = Date.now() + START_TIMEOUT_MS; !existsSync(startedFile); await sleep(25)) {
    if (Date.now() > deadline)
      throw new Error(
        `another test file began to start the broker, and did not come to an end; see ${folder}`,
      );
  }
  const { bootstrap, error } = JSON.parse(readFileSync(startedFile, 'utf8')) as Outcome;
  if (bootstrap === undefined) throw new Error(error);
  return bootstrap;
}

interface Outcome {
  bootstrap?: string;
  error?: string;
}

/** Of all who make the folder at once the system lets one succeed. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** The broker outlives this worker of jest; the janitor of the global setup ends it. */
async function start(folder: string, startedFile: string): Promise<void> {
  const outcome: Outcome = await startCluster({ folder, outlive: true }).then(
    ({ bootstrap }) => ({ bootstrap }),
    (error: Error) => ({ error: error.message }),
  );
  writeFileSync(`${startedFile}.new`, JSON.stringify(outcome));
  renameSync(`${startedFile}.new`, startedFile);
}
