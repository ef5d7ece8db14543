import type { Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import { DEAD_LETTER, headerOf, readToEnd, type Delivered } from '#libs/wire';
import { decide, findDeadLetter, insertDeadLetters, readFrom, readUpTo, selectDeadLetters, type DeadLetter, type DeadLetterFilter, type NewDeadLetter } from './dead-letter-rows.js';
import type { Executor, Result } from './executor.js';
import { requestOf, type Origin } from './request.js';

const PAGE = 200;

/** What could not be recorded: each message once, by where it came from, however often the topic of dead letters has it. */
export class DeadLetters {
  constructor(
    private readonly pool: pg.Pool,
    private readonly kafka: Kafka,
    /** The topic of dead letters. */
    private readonly topic: string,
    private readonly executor: Pick<Executor, 'execute'>,
  ) {}

  /** Reads what is new in the topic, up to its present end. @returns how many dead letters were new */
  async collect(signal: AbortSignal): Promise<number> {
    const cluster = await this.clusterId();
    let found = 0;
    const keep = async ({ partition, messages }: Delivered) => {
      const client = await this.pool.connect();
      try {
        await client.query('begin');
        found += await insertDeadLetters(client, messages.map(readDeadLetter));
        await readUpTo(client, cluster, this.topic, partition, Number(messages.at(-1)!.offset) + 1);
        await client.query('commit');
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    };
    await readToEnd(this.kafka, this.topic, await readFrom(this.pool, cluster, this.topic), keep, signal);
    return found;
  }

  find(origin: Origin): Promise<DeadLetter | undefined> {
    return findDeadLetter(this.pool, origin);
  }

  /** Those that a filter lets through, in order of their origin, read page by page: what is decided meanwhile does not disturb it. */
  async *list(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    for (let { after } = filter; ; ) {
      const page = await selectDeadLetters(this.pool, { ...filter, after }, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1);
    }
  }

  /**
   * Carries out what a dead letter asks for. Where it can be done now it is marked as retried; else it stays as it is.
   * @param mended instead of its value
   */
  async retry(letter: DeadLetter, { mended, by, signal }: { mended?: Buffer | undefined; by?: string | undefined; signal: AbortSignal }): Promise<Result> {
    const [result] = await this.executor.execute([requestOf({ value: mended ?? letter.value, headers: letter.headers }, letter)], signal);
    if ('receipt' in result!) await decide(this.pool, letter, 'retried', { by, eventId: result.receipt.eventId });
    return result!;
  }

  async discard(letter: Origin, by?: string): Promise<void> {
    await decide(this.pool, letter, 'discarded', { by });
  }

  private async clusterId(): Promise<string> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return (await admin.describeCluster()).clusterId;
    } finally {
      await admin.disconnect();
    }
  }
}

function readDeadLetter({ key, value, headers, timestamp, offset }: KafkaMessage): NewDeadLetter {
  const of = (name: string) => headerOf(headers, name);
  return {
    // Whatever somebody else has put there is a dead letter too, of this topic.
    topic: of(DEAD_LETTER.topic) ?? '',
    partition: Number(of(DEAD_LETTER.partition) ?? -1),
    offset: of(DEAD_LETTER.offset) ?? offset,
    code: of(DEAD_LETTER.code) ?? 'unknown',
    detail: of(DEAD_LETTER.detail) ?? '',
    key: key ?? null,
    value,
    headers: Object.fromEntries(Object.entries(headers ?? {}).flatMap(([name, given]) => (given === undefined ? [] : [[name, Array.isArray(given) ? given.map(String) : given.toString()]]))),
    deadAt: new Date(Number(timestamp)),
  };
}
