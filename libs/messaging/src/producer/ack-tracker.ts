import { Partitioners, type ICustomPartitioner, type Message, type RecordMetadata } from 'kafkajs';

/**
 * Checks that a send has reached every partition. kafkajs reports success when each broker has answered; if a partition moves
 * to a broker that has answered already, its messages are sent to nobody
 * (docs/decisions/019-acknowledged-means-in-the-topic.md).
 */
export class AckTracker {
  private readonly partitions = new WeakMap<Message, number>();

  /** The default partitioner of kafkajs, which decides only once for each message. */
  readonly partitioner: ICustomPartitioner = () => {
    const decide = Partitioners.DefaultPartitioner();
    return (question) => {
      const partition = this.partitions.get(question.message) ?? decide(question);
      this.partitions.set(question.message, partition);
      return partition;
    };
  };

  /** @param answers what `send` of such a producer has resolved to @throws Error where a partition is not among them */
  check(messages: readonly Message[], answers: readonly RecordMetadata[]): void {
    const acknowledged = new Set(answers.map(({ partition }) => partition));
    if (messages.some((message) => !acknowledged.has(this.partitions.get(message)!)))
      throw new PartitionMoved();
  }
}

class PartitionMoved extends Error {
  override name = 'PartitionMoved';

  constructor() {
    super('a partition moved to another broker while messages were sent to it');
  }
}
