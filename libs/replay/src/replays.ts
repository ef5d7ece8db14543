import { randomUUID } from 'node:crypto';
import { Cursors, type CursorInvalid, type Page, type PageRequest } from '#libs/read-models';
import type pg from 'pg';
import { isOpen, type Replay } from './replay.js';
import { findReplay, insertReplay, listReplays, openReplays, requestCancel } from './replay-rows.js';

/** The channel that announces new runs and requests to cancel, without a payload. */
export const REPLAYS_CHANNEL = 'claimline_replays';

const MOST_OPEN = 100;

/** The runs as their requesters see them; a Runner does the work, in this process or another. */
export class Replays {
  private readonly cursors = new Cursors({ list: 'replays' }, ['time', 'uuid']);

  constructor(private readonly pool: pg.Pool) {}

  /** Creates a run. Undefined if too many are open: a hundred, over all kinds. */
  async create(kind: string, spec: unknown): Promise<Replay | undefined> {
    if ((await this.open()).length >= MOST_OPEN) return undefined;
    const made = await insertReplay(this.pool, randomUUID(), kind, spec);
    await this.announce();
    return made;
  }

  find(id: string): Promise<Replay | undefined> {
    return findReplay(this.pool, id);
  }

  /** Newest first. */
  async list({ limit, cursor }: PageRequest): Promise<Page<Replay> | CursorInvalid> {
    const before = cursor === undefined ? undefined : this.cursors.read(cursor);
    if (before === 'cursor-invalid') return before;
    const rows = await listReplays(this.pool, limit + 1, before as [string, string] | undefined);
    return this.cursors.page(
      rows,
      limit,
      ({ createdAt, id }) => [createdAt, id],
      (replay) => replay,
    );
  }

  /** The runs that have not ended, oldest first; at most a hundred. */
  open(): Promise<Replay[]> {
    return openReplays(this.pool, MOST_OPEN);
  }

  /** Cancels a run: one under way ends within about a second. `ended` means that it had ended before. */
  async cancel(id: string): Promise<{ replay: Replay; ended: boolean } | undefined> {
    const replay = await requestCancel(this.pool, id);
    if (replay) {
      await this.announce();
      return { replay, ended: false };
    }
    const found = await this.find(id);
    return found && { replay: found, ended: !isOpen(found) };
  }

  private async announce(): Promise<void> {
    // If it is lost, a runner sees it at its next poll.
    await this.pool.query(`notify ${REPLAYS_CHANNEL}`).catch(() => {});
  }
}
