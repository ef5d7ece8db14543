import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { backoffMs } from '#libs/concurrency';
import { TopicAdmin } from './topic-id.js';

/** The topic was replaced by another of the same name: offsets read and committed do not apply to it. */
export class TopicRecreated extends Error {
  override name = 'TopicRecreated';

  constructor(topic: string) {
    super(`topic ${topic} was deleted and recreated; it is read from its beginning`);
  }
}

/**
 * Checks that a topic is still the one whose offsets a group has committed. Offsets of an earlier topic are in range in a new
 * one as soon as it is as long, and the messages before them would be skipped. So each commit has the id of its topic in its
 * metadata.
 */
export class TopicWatch {
  private constructor(
    private readonly asking: TopicAdmin,
    private readonly topic: string,
    private readonly groupId: string,
    /** Undefined where the broker has no topic ids: then a new topic goes unnoticed. */
    private readonly id: string | undefined,
    /** The new start of partitions whose offset was committed in an earlier topic. */
    readonly restarts: ReadonlyMap<number, number>,
  ) {}

  /** @throws where there is no such topic, or no broker answers */
  static async begin(kafka: Kafka, topic: string, groupId: string): Promise<TopicWatch> {
    const asking = new TopicAdmin(kafka);
    const { admin } = asking;
    await admin.connect();
    try {
      const id = await asking.idOf(topic);
      const stale = await staleIn(asking, topic, groupId, id);
      const bounds = stale.length > 0 ? await admin.fetchTopicOffsets(topic) : [];
      const restarts = new Map(
        bounds
          .filter(({ partition }) => stale.includes(partition))
          .map(({ partition, low }) => [partition, Number(low)]),
      );
      return new TopicWatch(asking, topic, groupId, id, restarts);
    } catch (error) {
      await admin.disconnect();
      throw error;
    }
  }

  /** The metadata of each commit. */
  get metadata(): string | null {
    return this.id === undefined ? null : metadataOf(this.id);
  }

  /**
   * The given partitions that are read from the start again, and whose old offset is still committed.
   * @throws TopicRecreated where the topic, or the offset at which one of them began, belongs to another topic
   */
  async check(partitions: readonly number[]): Promise<number[]> {
    const { asking, topic, groupId, id } = this;
    if (id !== (await asking.idOf(topic))) throw new TopicRecreated(topic);
    const stale = (await staleIn(asking, topic, groupId, id)).filter((partition) =>
      partitions.includes(partition),
    );
    if (stale.some((partition) => !this.restarts.has(partition))) throw new TopicRecreated(topic);
    return stale;
  }

  close(): Promise<void> {
    return this.asking.admin.disconnect();
  }
}

const metadataOf = (id: string) => `topic-id=${id}`;

async function staleIn(
  { admin }: TopicAdmin,
  topic: string,
  groupId: string,
  id: string | undefined,
): Promise<number[]> {
  if (id === undefined) return [];
  const [group] = await insisting(() => admin.fetchOffsets({ groupId, topics: [topic] }));
  return group!.partitions
    .filter(({ metadata }) => metadata?.startsWith(metadataOf('')) && metadata !== metadataOf(id))
    .map(({ partition }) => partition);
}

const MAX_ATTEMPTS = 20;

/** A coordinator answers for a moment that it is loading; kafkajs retries only in its consumers. */
async function insisting<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await ask();
    } catch (error) {
      if (!(error as { retriable?: boolean }).retriable || tries === MAX_ATTEMPTS) throw error;
      await sleep(backoffMs(tries, 500));
    }
}
