import { UnreadableEvent } from '#libs/domain';
import { requireReadable } from '#libs/log';
import type { StoredBody } from '#libs/messaging';
import type { StoppedShard } from '../feed.js';

/** A shard that stands still is looked at again after this time. */
const RETRY_MS = 5000;

interface Standing extends StoppedShard {
  until: number;
}

/**
 * Keeps a damaged text out of a topic, which could never be taken back: a shard stands still at it, the others go on. When the
 * event is mended the shard goes on by itself.
 */
export class UnreadableRows {
  private readonly standing = new Map<number, Standing>();

  /** @param onFound called when a shard comes to stand still */
  constructor(private readonly onFound: (error: UnreadableEvent) => void) {}

  stopped(): StoppedShard[] {
    return [...this.standing.values()].map(({ until: _until, ...shard }) => shard);
  }

  /** Whether a shard need not be read now. */
  rests(shard: number): boolean {
    return performance.now() < (this.standing.get(shard)?.until ?? 0);
  }

  /** Of rows in order within each shard, those before the first unreadable one of their shard. */
  readable(rows: readonly StoredBody[]): StoredBody[] {
    const stuck = new Set<number>();
    return rows.filter((row) => {
      if (stuck.has(row.shard)) return false;
      try {
        requireReadable(row);
        this.standing.delete(row.shard);
        return true;
      } catch (error) {
        if (!(error instanceof UnreadableEvent)) throw error;
        stuck.add(row.shard);
        this.stop(error);
        return false;
      }
    });
  }

  /** Another relay leads. */
  clear(): void {
    this.standing.clear();
  }

  private stop(error: UnreadableEvent): void {
    const { shard, position, eventId, message: reason } = error;
    if (this.standing.get(shard)?.position !== position) this.onFound(error);
    this.standing.set(shard, { shard, position, eventId, reason, until: performance.now() + RETRY_MS });
  }
}
