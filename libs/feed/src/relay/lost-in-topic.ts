import type { Epochs } from '#libs/domain';

/** Events of a shard that a topic holds and the log has lost. */
export interface LostEvents {
  shard: number;
  /** The epoch in which they were recorded. */
  epoch: number;
  from: number;
  to: number;
}

/** The log has gone back behind what a topic holds. Its readers pass over what comes at the same positions, unless they are told. */
export class LostInTopic extends Error {
  override name = 'LostInTopic';

  constructor(
    topic: string,
    readonly lost: readonly LostEvents[],
  ) {
    const events = lost
      .slice(0, 5)
      .map(({ shard, from, to }) => `${from} to ${to} of shard ${shard}`)
      .join(', ');
    const more = lost.length > 5 ? `, and of ${lost.length - 5} more shards` : '';
    super(
      `the log has gone back, after a failover or a restore: topic ${topic} holds events that it has lost, at positions ${events}${more}; ` +
        'nothing more is sent until `claimline epoch confirm` says that the readers of the topic know it ' +
        '(docs/operations.md, "A log that has gone back")',
    );
  }

  /** Whether an operator has confirmed all epochs that have cut these events off. */
  isConfirmed({ all }: Epochs): boolean {
    return this.lost.every(({ shard, epoch, to }) =>
      all.every(
        (later) =>
          later.epoch <= epoch || (later.forks.get(shard) ?? Infinity) >= to || later.confirmedAt !== null,
      ),
    );
  }
}
