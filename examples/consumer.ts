// A consumer: prints the events of the log, and resumes after a restart. Outside this repository
// '#libs/client' is the package '@claimline/client'.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readEvents } from '#libs/client';

const { KAFKA_BROKERS, KAFKA_PREFIX, CLAIMLINE_URL = 'http://127.0.0.1:3000' } = process.env;
const file = process.argv[2] ?? 'consumer.token';
const events = readEvents({
  ...(KAFKA_BROKERS ? { brokers: KAFKA_BROKERS.split(','), prefix: KAFKA_PREFIX } : { url: CLAIMLINE_URL }),
  after: existsSync(file) ? readFileSync(file, 'utf8') : '',
  onRetry: ({ message }, attempt) => console.error(`attempt ${attempt} failed: ${message}`),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void events.return());

for await (const event of events) {
  console.log(`${event.shard}:${event.position} ${event.recordedAt} ${event.type} ${event.stream}`);
  // Written by a rename, so that the file is either complete or absent.
  writeFileSync(`${file}.new`, events.token);
  renameSync(`${file}.new`, file);
}
