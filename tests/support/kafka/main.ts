// npm run kafka -- [--brokers 3]: Apache Kafka for development on 127.0.0.1:9092 and, of three, the two ports above;
// KAFKA_PORT names another. Topics and messages stay in ./data from one start to the next.
import { parseArgs } from 'node:util';
import { startCluster } from './cluster.js';
import { hasJars } from './jars.js';

const { values } = parseArgs({ options: { brokers: { type: 'string', default: '1' } } });
const count = Number(values.brokers);
const first = Number(process.env.KAFKA_PORT || 9092);

try {
  if (count !== 1 && count !== 3) throw new Error('--brokers takes 1 or 3');
  if (!Number.isInteger(first) || first < 1 || first + count > 65_536)
    throw new Error('KAFKA_PORT takes a port');
  await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  if (!hasJars()) console.error('Fetching Apache Kafka, once ...');
  const folder = count === 1 ? 'data/kafka' : 'data/kafka-3';
  const cluster = await startCluster({
    folder,
    ports: Array.from({ length: count }, (_, index) => first + index),
  });
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stopping) void cluster.stop();
      stopping = true;
    });
  }
  // Nothing but the brokers keeps this process going.
  process.once('beforeExit', () => {
    if (stopping) return;
    console.error(
      `Kafka has ended by itself; see ${cluster.brokers.map(({ logFile }) => logFile).join(', ')}`,
    );
    process.exitCode = 1;
  });
  console.log(`Kafka is ready at ${cluster.bootstrap}; stop it with Ctrl-C`);
}
