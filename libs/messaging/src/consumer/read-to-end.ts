import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { consume, type Delivered } from './consume.js';
import { unreadableText, type UnreadableBatch } from './unreadable-batches.js';

/**
 * Reads a topic from given offsets up to its end at the time of the call, in constant memory.
 * @param from for each partition the first offset wanted; one that is not named is read from its beginning
 * @param onBatch handles messages of one partition; an error ends the read
 * @throws the signal's reason, where it was given
 */
export async function readToEnd(
  kafka: Kafka,
  topic: string,
  from: ReadonlyMap<number, number>,
  onBatch: (batch: Delivered) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  // The group has no other members.
  const groupId = `claimline.read.${randomUUID()}`;
  const done = new AbortController();
  try {
    const ends = await admin.fetchTopicOffsets(topic);
    const left = new Map<number, number>();
    const next = new Map<number, number>();
    for (const { partition, low, high } of ends) {
      next.set(partition, Math.max(Number(low), from.get(partition) ?? 0));
      if (next.get(partition)! < Number(high)) left.set(partition, Number(high));
    }
    if (left.size === 0) return;
    let failed: { error: unknown } | undefined;
    const handle = async (batch: Delivered) => {
      const upTo = batch.messages.at(-1)!.offset;
      if (left.has(batch.partition) && !done.signal.aborted) {
        await onBatch(batch).catch((error: unknown) => {
          failed = { error };
          done.abort();
        });
      }
      return { upTo };
    };
    const reached = (partition: number, upTo: number) => {
      if (done.signal.aborted) return;
      next.set(partition, upTo);
      if (upTo >= (left.get(partition) ?? Infinity)) left.delete(partition);
      if (left.size === 0) done.abort();
    };
    const unreadable = ([one]: readonly UnreadableBatch[]) => {
      if (!one || failed) return;
      failed = { error: new Error(`${unreadableText(one)}: ${one.reason}`) };
      done.abort();
    };
    let error: unknown;
    await consume(
      kafka,
      {
        topic,
        groupId,
        concurrency: 1,
        startAt: () => next,
        onBatch: handle,
        onReached: reached,
        onUnreadable: unreadable,
        onError: (one) => (error = one),
      },
      AbortSignal.any([signal, done.signal]),
    );
    if (failed) throw failed.error;
    if (left.size > 0) throw signal.aborted ? signal.reason : error;
  } finally {
    await admin.deleteGroups([groupId]).catch(() => {});
    await admin.disconnect();
  }
}
