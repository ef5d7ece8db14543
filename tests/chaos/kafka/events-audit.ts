import type { Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import { sha256 } from '#libs/domain';
import { createPool } from '#libs/platform';
import { envelopeOf, headerOf } from '#libs/messaging';
import { few } from '../audit.js';
import { TopicReading } from './topic-reading.js';

/** Holds the events topic against the log: all of it, first occurrences in order, repeats the same. */
export class EventsAudit {
  /** Messages that repeat an event. */
  repeats = 0;
  private readonly reading: TopicReading;
  private reached = new Map<number, number>();
  /** Of every event of the log, by shard and position. */
  private readonly logged = new Map<string, { eventId: string; digest: string }>();

  constructor(
    kafka: Kafka,
    topic: string,
    private readonly shards: number,
  ) {
    this.reading = new TopicReading(kafka, topic);
  }

  /** The topic is read again from the beginning, next time. */
  again(): void {
    this.reading.rewind();
    this.reached = new Map();
    this.repeats = 0;
  }

  /** What is wrong. Nobody writes meanwhile, and the relay has reached the end. */
  async round(databaseUrl: string): Promise<string[]> {
    const pool = createPool(databaseUrl, { max: 1 });
    const faults: string[] = [];
    try {
      await this.readLog(pool);
      await this.reading.read((message, partition) => {
        const fault = this.faultOf(message, partition);
        if (fault) faults.push(`the events topic at ${partition}:${message.offset}: ${fault}`);
      });
      for (const { shard, position } of await headsOf(pool)) {
        const reached = this.reached.get(shard) ?? 0;
        if (reached !== position)
          faults.push(
            `LOST: the events topic ends at ${shard}:${reached}, and the log at ${shard}:${position}`,
          );
      }
    } finally {
      await pool.end();
    }
    return few(faults);
  }

  private faultOf(message: KafkaMessage, partition: number): string | undefined {
    const { shard, position, eventId } = envelopeOf(message);
    const digest = headerOf(message.headers, 'digest');
    if (shard !== partition) return `holds an event of shard ${shard}`;
    if (message.value === null || sha256(message.value.toString('utf8')).toString('hex') !== digest)
      return `the value of ${shard}:${position} does not have its digest`;
    const logged = this.logged.get(`${shard}:${position}`);
    if (logged?.digest !== digest || logged?.eventId !== eventId)
      return `${shard}:${position} is not the event that the log has there`;
    const before = this.reached.get(shard) ?? 0;
    if (position <= before) this.repeats += 1;
    else this.reached.set(shard, position);
    return position > before + 1 ? `LOST: after ${shard}:${before} comes ${shard}:${position}` : undefined;
  }

  private async readLog(pool: pg.Pool): Promise<void> {
    for (let shard = 0; shard < this.shards; shard++) {
      const { rows } = await pool.query<{ position: number; eventId: string; digest: string }>(
        `select position, event_id as "eventId", encode(digest, 'hex') as digest from claimline.events where shard = $1 and position > $2`,
        [shard, this.reached.get(shard) ?? 0],
      );
      for (const { position, eventId, digest } of rows)
        this.logged.set(`${shard}:${position}`, { eventId, digest });
    }
  }
}

async function headsOf(pool: pg.Pool): Promise<{ shard: number; position: number }[]> {
  return (
    await pool.query<{ shard: number; position: number }>('select shard, position from claimline.heads')
  ).rows;
}
