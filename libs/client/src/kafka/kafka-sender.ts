import type { Message } from 'kafkajs';
import { COMMAND, ReliableProducer, topicsOf, type CommandName } from '#libs/messaging';
import { createKafka } from './kafka-client.js';
import { withField, type Outgoing } from '../sending/outgoing.js';
import type { KafkaTarget } from '../target.js';

/** Sends to the statements topic. Messages about one statement have one key, and so stay in order. */
export class KafkaSender {
  private readonly topic: string;
  private readonly producer: ReliableProducer;

  constructor(target: KafkaTarget) {
    this.topic = topicsOf(target.prefix).statements;
    this.producer = new ReliableProducer(createKafka(target));
  }

  /** Resolves when the brokers have acknowledged. @throws if they have not after a few seconds */
  send(batch: readonly Outgoing[]): Promise<void> {
    return this.producer.send(this.topic, batch.map(messageOf));
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}

const messageOf = ({ kind, id, key, text, traceparent }: Outgoing): Message => ({
  key,
  value: kind === 'statement' ? text : withField(text, 'statementId', id),
  headers: {
    ...(kind !== 'statement' && { [COMMAND]: kind satisfies CommandName }),
    ...(traceparent !== undefined && { traceparent }),
  },
});
