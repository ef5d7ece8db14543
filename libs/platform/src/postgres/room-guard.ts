import { Problem } from '../problems.js';
import { fullness, readRoom, type Room } from './room.js';
import { STORAGE_FAULTS } from './storage-fault.js';

/** A measurement serves this long, in milliseconds. */
const MEASURED_FOR_MS = 1000;

/**
 * Refuses writes before the disk is quite full: PostgreSQL ends where it has no room for its WAL, and would then answer no reads
 * either. A write never waits for a measurement: it is judged by one that is a second old at most under load.
 */
export class RoomGuard {
  private room: Room | undefined;
  private measuredAt = -Infinity;
  private measuring: Promise<void> | undefined;

  constructor(private readonly folder: string) {
    void this.measure();
  }

  /** @throws Problem 503 `store-full` */
  require(): void {
    if (performance.now() - this.measuredAt > MEASURED_FOR_MS) void this.measure();
    if (this.room && fullness(this.room) !== undefined)
      throw new Problem(503, 'store-full', STORAGE_FAULTS['store-full']);
  }

  private measure(): Promise<void> {
    return (this.measuring ??= readRoom(this.folder).then((room) => {
      this.room = room;
      this.measuredAt = performance.now();
      this.measuring = undefined;
    }));
  }
}
