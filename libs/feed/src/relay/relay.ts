import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { backoffMs, pause, WakeupSignal } from '#libs/concurrency';
import { readPositions } from '#libs/log';
import { eventMessage, ReliableProducer, RequestBudget } from '#libs/messaging';
import { listen, LOG_CHANNEL } from '#libs/platform';
import { readRows } from '../log-batch.js';
import { readCursors, moveCursors, type RelayedTopic } from './relay-cursors.js';
import { RelayTopic } from './relay-topic.js';
import { UnreadableRows } from './unreadable-rows.js';

export interface RelayOptions {
  topic: string;
  /** The `ce_source` of the store's events. */
  source: string;
  /** The polling interval when nothing wakes the relay up, in milliseconds. */
  pollMs?: number;
  onError?: (error: unknown) => void;
  /** Called when this relay begins or ceases to lead. */
  onLeading?: (leads: boolean) => void;
  /** Called for each acknowledged batch. */
  onSent?: (events: number) => void;
}

const MAX_BATCH = 2000;
const MAX_BACKOFF_MS = 2000;
const STANDBY_RETRY_MS = 500;
const SHUTDOWN_GRACE_MS = 2000;
/** While events keep coming, the cursors are saved no more often: what came since is sent again after a crash. */
const SAVE_MS = 100;
/** A round takes milliseconds, and seconds where brokers are lost. */
const SLOW_ROUND_MS = 15_000;

/**
 * Relays the log to the events topic, in order within each shard. Of any number of relays one leads: it holds an advisory
 * lock while its connection lives. The cursors move after the broker has acknowledged, at intervals, so what was sent since is
 * sent again when the relay has died. What a relay sends begins right after the cursors, and is in order: even two leaders at
 * once could only repeat, never skip.
 */
export class Relay {
  private cluster: string | undefined;
  private trouble: string | undefined = 'it has not begun';
  private roundSince = performance.now();
  private readonly unreadable = new UnreadableRows((error) => this.options.onError?.(error));

  constructor(
    private readonly pool: pg.Pool,
    private readonly kafka: Kafka,
    private readonly options: RelayOptions,
  ) {}

  /** Relays, or stands by, until the signal is aborted. It survives outages of the broker and the database of any length. */
  async run(signal: AbortSignal): Promise<void> {
    const wakeup = new WakeupSignal();
    const report = (error: unknown) => void (signal.aborted || this.options.onError?.(error));
    // A send under way may end after the signal, but must not wait for a broker that is away.
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', () => (timer = setTimeout(() => late.abort(), SHUTDOWN_GRACE_MS)), {
      once: true,
    });
    const stopped = new Promise<void>((resolve) => late.signal.addEventListener('abort', () => resolve()));
    const listening = listen(this.pool, LOG_CHANNEL, () => wakeup.notify(), { signal, onError: report });
    for (let failures = 0; !signal.aborted;) {
      this.roundSince = performance.now();
      try {
        await Promise.race([this.lead(wakeup, () => void (failures = 0), signal, late.signal), stopped]);
      } catch (error) {
        this.trouble = (error as Error).message;
        report(error);
        await pause(backoffMs(++failures, MAX_BACKOFF_MS), signal);
      }
    }
    clearTimeout(timer);
    await listening;
  }

  /**
   * The reason why it cannot relay or stand by now; undefined where it can. It checks the lock, the log and the topic several
   * times a second, whether there are events or not.
   */
  problem(): string | undefined {
    const seconds = Math.floor((performance.now() - this.roundSince) / 1000);
    if (this.trouble !== undefined) return this.trouble;
    if (seconds * 1000 > SLOW_ROUND_MS)
      return `the database or the brokers have not answered for ${seconds} s`;
    const stopped = this.unreadable.stopped();
    return stopped.length === 0
      ? undefined
      : stopped.map(({ shard, reason }) => `shard ${shard} stands still: ${reason}`).join('; ');
  }

  /** How many events of each shard the broker has not acknowledged yet; empty before the broker was first reached. */
  async lag(): Promise<Map<number, number>> {
    if (this.cluster === undefined) return new Map();
    const [heads, cursors] = [
      await readPositions(this.pool),
      await readCursors(this.pool, { cluster: this.cluster, topic: this.options.topic }),
    ];
    return new Map([...heads].map(([shard, head]) => [shard, head - (cursors.get(shard) ?? 0)]));
  }

  /** Waits until it leads, and leads until the signal is aborted; `late` ends it by force. @throws where a connection is lost */
  private async lead(
    wakeup: WakeupSignal,
    onSound: () => void,
    signal: AbortSignal,
    late: AbortSignal,
  ): Promise<void> {
    const { onLeading, topic, source } = this.options;
    const client = await this.pool.connect();
    let lost: Error | undefined;
    client.on('error', (error) => (lost = error));
    client.on(
      'end',
      () => (lost ??= new Error('the connection that holds the lock of the relay was closed')),
    );
    let left = false;
    // Not returned to the pool, because the lock belongs to the connection.
    const leave = () => {
      if (!left) client.release(true);
      left = true;
    };
    late.addEventListener('abort', leave);
    const producer = new ReliableProducer(this.kafka);
    let target: RelayTopic | undefined;
    const sound = () => {
      if (lost) throw lost;
      this.trouble = undefined;
      this.roundSince = performance.now();
      onSound();
    };
    try {
      target = await RelayTopic.open(this.kafka, topic, source);
      const cluster = (this.cluster ??= await target.cluster());
      while (!(await isLeader(client, `${cluster} ${topic}`))) {
        sound();
        await pause(STANDBY_RETRY_MS, signal);
        if (signal.aborted) return;
      }
      onLeading?.(true);
      while (!signal.aborted) {
        const relayed = { cluster, topic, id: await target.id() };
        await producer.close();
        await this.fill(relayed, await target.startingPoint(client, relayed), {
          client,
          producer,
          target,
          wakeup,
          sound,
          signal,
        });
      }
    } finally {
      onLeading?.(false);
      this.unreadable.clear();
      leave();
      await target?.close();
      await producer.close();
    }
  }

  /** Sends the events that a topic lacks, then new ones, until the topic is replaced. */
  private async fill(relayed: RelayedTopic, cursors: Map<number, number>, filling: Filling): Promise<void> {
    const { client, producer, wakeup, sound, signal } = filling;
    const { source, pollMs = 500, onSent } = this.options;
    const unsaved = new Map<number, number>();
    let saveAt = 0;
    while (!signal.aborted) {
      wakeup.clear();
      const request = new RequestBudget();
      // From each shard as much as one request may hold.
      const rows = await readRows(client, cursors, MAX_BATCH, (shard) => this.unreadable.rests(shard));
      const batch = this.unreadable.readable(rows).filter((row) => request.takes(row));
      if (batch.length > 0) {
        await producer.send(
          relayed.topic,
          batch.map((row) => eventMessage(row, source)),
        );
        if (unsaved.size === 0) saveAt = performance.now() + SAVE_MS;
        for (const { shard, position } of batch) {
          cursors.set(shard, position);
          unsaved.set(shard, position);
        }
        sound();
        onSent?.(batch.length);
      } else {
        if (unsaved.size === 0) sound();
        await wakeup.wait(unsaved.size === 0 ? pollMs : saveAt - performance.now(), signal);
      }
      if (unsaved.size > 0 && performance.now() < saveAt && !signal.aborted) continue;
      if (!(await this.save(relayed, unsaved, filling))) return;
      unsaved.clear();
    }
  }

  /** Moves the cursors to what was sent. @returns whether the topic is still the same; the cursors do not move otherwise */
  private async save(
    relayed: RelayedTopic,
    reached: ReadonlyMap<number, number>,
    { client, target, sound }: Filling,
  ): Promise<boolean> {
    // Asked after the sends, because only then is it certain which topic has taken them.
    if ((await target.id()) !== relayed.id) return false;
    if (reached.size > 0) await moveCursors(client, relayed, reached);
    sound();
    return true;
  }
}

/** The resources of a leading relay. */
interface Filling {
  client: pg.PoolClient;
  producer: ReliableProducer;
  target: RelayTopic;
  wakeup: WakeupSignal;
  /** Everything has answered, so the relay works. @throws where the lock is lost */
  sound: () => void;
  signal: AbortSignal;
}

async function isLeader(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ leads: boolean }>(
    `select pg_try_advisory_lock(hashtext('claimline.relay'), hashtext($1)) as leads`,
    [name],
  );
  return rows[0]!.leads;
}
