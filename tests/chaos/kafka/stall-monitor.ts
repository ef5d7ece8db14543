import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import pg from 'pg';
import type { ChaosCluster } from './chaos-cluster.js';

/** How far each stage is: messages taken from the statements topic, events sent to the events topic, events projected. */
export const STAGES = ['intake', 'relay', 'projection'] as const;
export type Stage = (typeof STAGES)[number];

/** Of one shard at one stage: how far there is something to do, how far it is done, and since when it has not moved on. */
interface Progress {
  due: number;
  done: number;
  moved: number;
}

const EVERY_MS = 200;
/** What was seen longer ago says nothing of how much there is by now. */
const STALE_MS = 2000;

/** Looks all the time how far the stages are, and how long a shard stood still with work before it. */
export class StallMonitor {
  private readonly progress: Record<Stage, Map<number, Progress>> = {
    intake: new Map(),
    relay: new Map(),
    projection: new Map(),
  };
  private longest: Record<Stage, number> = { intake: 0, relay: 0, projection: 0 };
  /** When broker and database were last seen. */
  private readonly seen = { broker: 0, database: 0 };
  private readonly ending = new AbortController();
  private readonly watching: Promise<unknown>;
  private admin: Admin | undefined;

  constructor(private readonly arena: ChaosCluster) {
    this.watching = Promise.all([
      this.watch('broker', () => this.lookAtBroker()),
      this.watch('database', () => this.lookAtDatabase()),
    ]);
  }

  /** What is sent, and not projected yet; without end while that cannot be seen, so that nobody sends on and on. */
  get backlog(): number {
    if (Math.min(this.seen.broker, this.seen.database) < performance.now() - STALE_MS) return Infinity;
    return this.left('intake') + this.left('projection');
  }

  /** Stages that are not at the end, as of this very moment. @throws where it cannot be seen */
  async behind(): Promise<string[]> {
    await Promise.all([this.lookAtBroker(), this.lookAtDatabase()]);
    return STAGES.filter((stage) => this.left(stage) > 0).map((stage) => `${stage} ${this.left(stage)}`);
  }

  /** The longest that a shard stood still at each stage since it was last asked, in seconds. */
  standstills(): Record<Stage, number> {
    const { longest } = this;
    this.longest = { intake: 0, relay: 0, projection: 0 };
    return longest;
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.watching;
    await this.admin?.disconnect().catch(() => {});
  }

  private async watch(what: 'broker' | 'database', look: () => Promise<void>): Promise<void> {
    while (!this.ending.signal.aborted) {
      // Whoever is away now is asked again.
      await look().then(
        () => (this.seen[what] = performance.now()),
        () => {},
      );
      await sleep(EVERY_MS, undefined, { signal: this.ending.signal }).catch(() => {});
    }
  }

  private left(stage: Stage): number {
    let left = 0;
    for (const { due, done } of this.progress[stage].values()) left += due - done;
    return left;
  }

  private note(stage: Stage, shard: number, due: number, done: number): void {
    const now = performance.now();
    const before = this.progress[stage].get(shard);
    const hadWork = before !== undefined && before.due > before.done;
    if (hadWork) this.longest[stage] = Math.max(this.longest[stage], (now - before.moved) / 1000);
    // A shard that had nothing to do begins to stand still when it gets something.
    this.progress[stage].set(shard, {
      due,
      done,
      moved: hadWork && before.done === done ? before.moved : now,
    });
  }

  private async lookAtBroker(): Promise<void> {
    const { topics, groups, kafka } = this.arena;
    const admin = this.admin ?? kafka.admin({ retry: { retries: 1 } });
    try {
      if (!this.admin) await admin.connect();
      this.admin = admin;
      const [group] = await admin.fetchOffsets({ groupId: groups.recorder, topics: [topics.statements] });
      const ends = await admin.fetchTopicOffsets(topics.statements);
      const taken = new Map(
        group!.partitions.map(({ partition, offset }) => [partition, Math.max(0, Number(offset))]),
      );
      for (const { partition, high } of ends)
        this.note('intake', partition, Number(high), taken.get(partition) ?? 0);
    } catch (error) {
      this.admin = undefined;
      await admin.disconnect().catch(() => {});
      throw error;
    }
  }

  private async lookAtDatabase(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.arena.postgres.url,
      connectionTimeoutMillis: 2000,
      query_timeout: 4000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<Record<'shard' | 'head' | 'sent' | 'projected', string>>({
        text: `select shard, h.position as head, coalesce(c.position, 0) as sent, coalesce(p.position, 0) as projected
          from claimline.heads h
          left join claimline.relay_cursors c using (shard)
          left join read_models.checkpoint p using (shard)`,
      });
      for (const { shard, head, sent, projected } of rows) {
        this.note('relay', Number(shard), Number(head), Number(sent));
        this.note('projection', Number(shard), Number(head), Number(projected));
      }
    } finally {
      await client.end().catch(() => {});
    }
  }
}
