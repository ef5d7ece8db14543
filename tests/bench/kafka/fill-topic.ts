// A process of its own that produces a number of statements as fast as it can. Arguments: the brokers, the topic, how many, the places.
import { createKafka, createLogger, readSettings } from '#libs/platform';
import { statementsOf } from '../statements.js';
import { batchesOf, produce } from './bench-broker.js';
import { statementMessage } from './statement-messages.js';

/** The number made at once: the memory of all of them would be large. */
const PART = 20_000;

const [brokers, topic, count, places] = process.argv.slice(2) as [string, string, string, string];
const kafka = createKafka(readSettings({ KAFKA_BROKERS: brokers }).kafka!, createLogger('error', 'stderr'));

function* batches() {
  for (let from = 0; from < Number(count); from += PART) {
    const part = statementsOf(Math.min(PART, Number(count) - from), Number(places), `kafka-large-${from}`);
    yield* batchesOf(part.map(statementMessage), 1000);
  }
}

const begin = performance.now();
await produce(kafka, topic, batches());
console.log(JSON.stringify({ perSecond: (Number(count) * 1000) / (performance.now() - begin) }));
