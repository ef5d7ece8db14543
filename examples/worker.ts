// An ingest worker: sends the statements of an NDJSON file to Claimline, over Kafka if KAFKA_BROKERS is set, else over
// HTTP. Outside this repository '#libs/client' is the package '@claimline/client'.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createProducer, StatementInvalid, type StatementInput } from '#libs/client';

const { KAFKA_BROKERS, KAFKA_PREFIX, CLAIMLINE_URL = 'http://127.0.0.1:3000' } = process.env;
const claimline = createProducer({
  ...(KAFKA_BROKERS ? { brokers: KAFKA_BROKERS.split(','), prefix: KAFKA_PREFIX } : { url: CLAIMLINE_URL }),
  onRefused: ({ statementId, code, detail }) => console.error(`refused: ${statementId} ${code}: ${detail}`),
  onRetry: ({ message }, attempt) => console.error(`attempt ${attempt} failed: ${message}`),
});

for await (const line of createInterface(createReadStream(process.argv[2] ?? 'examples/statements.ndjson'))) {
  try {
    const [id] = await claimline.produce(JSON.parse(line) as StatementInput);
    console.log(`queued: ${id}`);
  } catch (error) {
    if (!(error instanceof StatementInvalid)) throw error;
    console.error(`invalid: ${error.message}`);
  }
}
await claimline.close();
