import type { Kafka, Message } from 'kafkajs';
import { readToEnd } from '#libs/messaging';
import { produce } from './bench-broker.js';

/** All messages of a topic as they are there, in batches as large as those of the relay, each with a share of every partition. */
export async function messagesOf(kafka: Kafka, topic: string, batch: number): Promise<Message[][]> {
  const queues = new Map<number, Message[]>();
  await readToEnd(
    kafka,
    topic,
    new Map(),
    async ({ partition, messages }) => {
      const queue = queues.get(partition) ?? [];
      queues.set(partition, queue);
      for (const { key, value, headers } of messages)
        queue.push({ key, value, headers: headers ?? {}, partition });
    },
    new AbortController().signal,
  );
  const batches: Message[][] = [];
  while (queues.size > 0) {
    const share = Math.ceil(batch / queues.size);
    batches.push([...queues.values()].flatMap((queue) => queue.splice(0, share)));
    for (const [partition, queue] of queues) if (queue.length === 0) queues.delete(partition);
  }
  return batches;
}

/** The least work to relay the log: messages from memory through an idempotent producer. @returns milliseconds, connecting included */
export async function bareRelay(kafka: Kafka, topic: string, batches: readonly Message[][]): Promise<number> {
  const begin = performance.now();
  await produce(kafka, topic, batches);
  return performance.now() - begin;
}
