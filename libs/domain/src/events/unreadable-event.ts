import { printable } from '../values/printable.js';
import type { LogPosition } from './events.js';

const MAX_REASON_LENGTH = 200;

/**
 * An event of the log that cannot be read: its text is damaged, or a newer version wrote it. It names shard, position and
 * event. `cause` is the reason.
 */
export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent';
  /** The code of the problem for a client. */
  readonly code = 'event-unreadable';
  readonly shard: number;
  readonly position: number;

  constructor(
    { shard, position }: Pick<LogPosition, 'shard' | 'position'>,
    /** Undefined where it is not known yet: the damaged text would have said it. */
    readonly eventId: string | undefined,
    override readonly cause: unknown,
  ) {
    super(
      `the event ${eventId === undefined ? '' : `${eventId} `}at position ${position} of shard ${shard} cannot be read: ` +
        printable(cause instanceof Error ? cause.message : String(cause), MAX_REASON_LENGTH),
    );
    this.shard = shard;
    this.position = position;
  }

  /** What an answer says of it. */
  get place(): UnreadablePlace {
    const { shard, position, eventId = null, message } = this;
    return { shard, position, eventId, detail: message };
  }
}

/** An unreadable event as answers name it. */
export interface UnreadablePlace {
  shard: number;
  position: number;
  eventId: string | null;
  detail: string;
}

/** Why a reading of several shards is not complete: the first unreadable event of each shard, and that the others were read. */
export class UnreadableShards extends Error {
  override name = 'UnreadableShards';
  readonly code = 'event-unreadable';

  constructor(readonly events: readonly UnreadableEvent[]) {
    super(events.map(({ message }) => message).join('; '));
  }
}
