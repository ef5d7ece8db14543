// A process of its own: produces statements at a fixed rate, whatever becomes of them, and asks for a sample of them until
// each is shown: every one would make the asking the load. Arguments: the brokers, the topic, the URL of the API,
// statements a second, how many to leave out at first, and a file of statements, of which every SAMPLE-th has an id.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import { createKafka, createLogger, readSettings } from '#libs/platform';
import type { StatementInput } from '../../support/war.js';
import { quantile } from '../figure.js';
import { getRequest, Wire } from '../wire.js';
import { SAMPLE } from './sample.js';
import { statementMessage } from './statement-messages.js';

/** A producer gathers for so long what it sends together; it is part of what is measured. */
const LINGER_MS = 5;
/** From one question to the next. What is seen is seen so late, on average half of it. */
const ASK_AGAIN_MS = 20;
const GIVE_UP_MS = 30_000;

const [brokers, topic, url, rate, warmUp, file] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const statements = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as StatementInput);
const messages = statements.map(statementMessage);
const producer = createKafka(
  readSettings({ KAFKA_BROKERS: brokers }).kafka!,
  createLogger('error', 'stderr'),
).producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const idle: Wire[] = [];
const acknowledged: number[] = [];
const visible: number[] = [];

async function ask(path: string) {
  const wire = idle.pop() ?? (await Wire.open(url));
  const { status, body } = await wire.ask(getRequest(path));
  idle.push(wire);
  if (status !== 200 && status !== 404) throw new Error(`${status} ${body}`);
  return status === 200;
}

const dueOf = (at: number) => begin + (at * 1000) / Number(rate);

async function send(from: number, to: number): Promise<void> {
  await producer.send({ topic, acks: -1, messages: messages.slice(from, to) });
  for (let at = Math.max(from, Number(warmUp)); at < to; at++)
    acknowledged.push(performance.now() - dueOf(at));
}

async function follow(at: number): Promise<void> {
  const path = `/v1/statements/${statements[at]!.statementId}`;
  const due = dueOf(at);
  while (!(await ask(path))) {
    if (performance.now() - due > GIVE_UP_MS)
      throw new Error(`${path} is not there after ${GIVE_UP_MS / 1000} s`);
    await sleep(ASK_AGAIN_MS);
  }
  if (at >= Number(warmUp)) visible.push(performance.now() - due);
}

const begin = performance.now();
const under: Promise<void>[] = [];
let sent = 0;
while (sent < statements.length) {
  const due = Math.min(statements.length, Math.floor(((performance.now() - begin) * Number(rate)) / 1000));
  if (due > sent) {
    under.push(send(sent, due));
    for (; sent < due; sent++) if (sent % SAMPLE === 0) under.push(follow(sent));
  }
  await sleep(LINGER_MS);
}
const seconds = (performance.now() - begin) / 1000;
await Promise.all(under);
for (const wire of idle) wire.close();
await producer.disconnect();
const of = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: Math.max(...values),
});
console.log(
  JSON.stringify({
    perSecond: sent / seconds,
    sample: visible.length,
    acknowledged: of(acknowledged),
    visible: of(visible),
  }),
);
