import { Partitioners, type ICustomPartitioner, type Message, type RecordMetadata } from 'kafkajs';

/**
 * Tells whether a send has reached every partition. kafkajs says that it has succeeded when each broker has answered; where
 * a partition goes over to a broker that has answered already, nobody is sent its messages
 * (docs/decisions/019-acknowledged-means-in-the-topic.md).
 */
export class Placement {
  private readonly partitions = new WeakMap<Message, number>();

  /** For the producer: kafkajs' own, deciding once for each message, however often it is asked. */
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
    super('a partition went over to another broker while messages were sent to it');
  }
}
