import { whyNoBroker, whyNoKafka } from './available.js';
import { hasJars } from './jars.js';
import { kafkaProgram } from './program.js';

/**
 * Before a run of tests: fetches the broker, so that no test waits for that, or says in one line which tests are skipped
 * and why. Test files read it from CLAIMLINE_NO_KAFKA.
 * @throws Error where CLAIMLINE_REQUIRE_KAFKA=1 forbids to skip any
 */
export async function prepareKafka(say: (line: string) => void): Promise<void> {
  const obstacle = whyNoKafka() ?? (await whyNotFetched(say));
  if (obstacle === undefined) return;
  if (process.env.CLAIMLINE_REQUIRE_KAFKA === '1')
    throw new Error(`The tests that need Kafka cannot run, and CLAIMLINE_REQUIRE_KAFKA=1: ${obstacle}`);
  if (process.env.KAFKA_BROKERS && whyNoKafka() === undefined) {
    say(`Tests that start a Kafka of their own are skipped: ${obstacle}`);
    return;
  }
  process.env.CLAIMLINE_NO_KAFKA = obstacle;
  say(`Tests that need Kafka are skipped: ${obstacle}`);
}

async function whyNotFetched(say: (line: string) => void): Promise<string | undefined> {
  const reason = whyNoBroker();
  if (reason !== undefined) return reason;
  if (!hasJars()) say('Fetching Apache Kafka for the tests, once ...');
  try {
    await kafkaProgram();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
