import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, Producer } from 'kafkajs';
import { AckTracker } from '#libs/messaging';
import type { Random } from '../../support/random.js';
import type { Letter } from './letter.js';
import type { Letters } from './letters.js';

/** How many more messages may be sent by now. */
export type Pace = (sinceMs: number, sent: number) => number;

/** The rate a second, whatever the outcome: after an outage the load catches up. */
export const atRate =
  (rate: number): Pace =>
  (sinceMs, sent) =>
    Math.floor((sinceMs / 1000) * rate) - sent;

const TICK_MS = 20;
const MOST_AT_ONCE = 1000;
const MOST_SENDS = 100;
/** A worker that is not answered sends again; now and then one dies instead. */
const INSISTENT = 0.8;

/** Sends messages to the statements topic, as ingest workers do that are not of ours: plain kafkajs, acks=all. */
export class Load {
  sent = 0;
  acknowledged = 0;
  /** Sends that failed: their messages may be in the topic, or not. */
  failed = 0;
  private readonly again: Letter[] = [];
  private readonly placement = new AckTracker();
  private producer: Promise<Producer> | undefined;
  private order: Promise<void> = Promise.resolve();

  /** @param idempotent then what kafkajs itself sends again is not doubled; without that, the topic holds it twice */
  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly letters: Letters,
    private readonly random: Random,
    private readonly idempotent: boolean,
  ) {}

  /** @param first are sent before all others */
  async run(pace: Pace, until: () => boolean, first: readonly Letter[] = []): Promise<void> {
    const begin = performance.now();
    const sending = new Set<Promise<void>>();
    this.again.push(...first);
    while (!until()) {
      const due =
        sending.size < MOST_SENDS ? Math.min(MOST_AT_ONCE, pace(performance.now() - begin, this.sent)) : 0;
      if (due > 0) {
        const batch = this.again.splice(0, due);
        while (batch.length < due) batch.push(this.letters.next());
        this.sent += batch.length;
        const send = this.post(batch).finally(() => sending.delete(send));
        sending.add(send);
      }
      await sleep(TICK_MS);
    }
    await Promise.all(sending);
    await this.close();
  }

  private async post(batch: Letter[]): Promise<void> {
    // An idempotent producer of kafkajs counts wrongly where two of its sends overlap.
    const turn = this.idempotent ? this.order : Promise.resolve();
    const sent = turn.then(async () => {
      try {
        const producer = await (this.producer ??= this.connect());
        const messages = batch.map(({ key, value, headers }) => ({ key, value, headers }));
        this.placement.check(messages, await producer.send({ topic: this.topic, acks: -1, messages }));
        for (const letter of batch) this.letters.acknowledge(letter);
        this.acknowledged += batch.length;
      } catch {
        this.failed += 1;
        this.again.push(...batch.filter(() => this.random.chance(INSISTENT)));
        await this.close();
      }
    });
    this.order = sent;
    await sent;
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      createPartitioner: this.placement.partitioner,
      ...(this.idempotent && { idempotent: true, maxInFlightRequests: 1 }),
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    await producer.connect();
    return producer;
  }

  private async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    const left = producer?.then((one) => one.disconnect()).catch(() => {});
    if (left) await Promise.race([left, sleep(3000, undefined, { ref: false })]);
  }
}
