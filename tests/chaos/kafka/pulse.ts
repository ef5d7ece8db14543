import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import pg from 'pg';
import type { Arena } from './arena.js';

/** How far each stage is: messages taken from the statements topic, events sent to the events topic, events projected. */
export const STAGES = ['intake', 'relay', 'projection'] as const;
export type Stage = (typeof STAGES)[number];

/** Of one look: what there is to do for a stage, and what of it is done. */
interface Look {
  due: number;
  done: number;
}

const EVERY_MS = 200;

/** Looks all the time how far the stages are, and how long each of them stood still with work before it. */
export class Pulse {
  private looks: Partial<Record<Stage, Look & { moved: number }>> = {};
  private longest: Record<Stage, number> = { intake: 0, relay: 0, projection: 0 };
  private readonly ending = new AbortController();
  private readonly watching: Promise<unknown>;
  private admin: Admin | undefined;

  constructor(private readonly arena: Arena) {
    this.watching = Promise.all([this.watch(() => this.lookAtBroker()), this.watch(() => this.lookAtDatabase())]);
  }

  /** What is sent, and not projected yet, as far as it was seen. */
  get backlog(): number {
    const { intake, projection } = this.looks;
    return (intake ? intake.due - intake.done : 0) + (projection ? projection.due - projection.done : 0);
  }

  /** Stages that are not at the end, as of this very moment. @throws where it cannot be seen */
  async behind(): Promise<string[]> {
    await Promise.all([this.lookAtBroker(), this.lookAtDatabase()]);
    return STAGES.flatMap((stage) => {
      const { due, done } = this.looks[stage]!;
      return done < due ? [`${stage} ${due - done}`] : [];
    });
  }

  /** The longest that each stage stood still since it was last asked, in seconds. */
  standstills(): Record<Stage, number> {
    const { longest } = this;
    this.longest = { intake: 0, relay: 0, projection: 0 };
    return longest;
  }

  /** How much of a stage is done. */
  done(stage: Stage): number {
    return this.looks[stage]?.done ?? 0;
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.watching;
    await this.admin?.disconnect().catch(() => {});
  }

  private async watch(look: () => Promise<void>): Promise<void> {
    while (!this.ending.signal.aborted) {
      // Whoever is away now is asked again.
      await look().catch(() => {});
      await sleep(EVERY_MS, undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }

  private note(stage: Stage, { due, done }: Look): void {
    const now = performance.now();
    const before = this.looks[stage];
    const stood = before !== undefined && before.done === done && before.due > before.done;
    // A stage that had nothing to do begins to stand still when it gets something.
    const moved = stood ? before.moved : now;
    if (before !== undefined && before.due > before.done) this.longest[stage] = Math.max(this.longest[stage], (now - before.moved) / 1000);
    this.looks[stage] = { due, done, moved };
  }

  private async lookAtBroker(): Promise<void> {
    const { topics, groups, kafka } = this.arena;
    const admin = this.admin ?? kafka.admin({ retry: { retries: 1 } });
    try {
      if (!this.admin) await admin.connect();
      this.admin = admin;
      const [group] = await admin.fetchOffsets({ groupId: groups.recorder, topics: [topics.statements] });
      const ends = await admin.fetchTopicOffsets(topics.statements);
      const taken = new Map(group!.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]));
      this.note('intake', { due: sum(ends.map(({ high }) => Number(high))), done: sum(ends.map(({ partition }) => taken.get(partition) ?? 0)) });
    } catch (error) {
      this.admin = undefined;
      await admin.disconnect().catch(() => {});
      throw error;
    }
  }

  private async lookAtDatabase(): Promise<void> {
    const client = new pg.Client({ connectionString: this.arena.postgres.url, connectionTimeoutMillis: 2000, query_timeout: 4000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<Record<'heads' | 'cursors' | 'checkpoints', string>>({
        text: `select
          (select coalesce(sum(position), 0) from claimline.heads) as heads,
          (select coalesce(sum(position), 0) from claimline.relay_cursors where topic = $1) as cursors,
          (select coalesce(sum(position), 0) from read_models.checkpoint) as checkpoints`,
        values: [this.arena.topics.events],
      });
      const { heads, cursors, checkpoints } = rows[0]!;
      this.note('relay', { due: Number(heads), done: Number(cursors) });
      this.note('projection', { due: Number(heads), done: Number(checkpoints) });
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
