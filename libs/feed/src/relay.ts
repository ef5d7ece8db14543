import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { backOff, eventMessage, pause, Sender, type StoredBody } from '#libs/wire';
import { Bell } from './bell.js';
import { listen, LOG_CHANNEL } from './listen.js';
import { headsOf, readBatch } from './log-batch.js';
import { readCursors, moveCursors, type RelayedTopic } from './relay-cursors.js';
import { RelayTopic } from './relay-topic.js';

export interface RelayOptions {
  topic: string;
  /** The `ce_source` of the store's events. */
  source: string;
  /** How often to look when nothing wakes the relay up, in milliseconds. */
  pollMs?: number;
  onError?: (error: unknown) => void;
  /** Hears that this relay leads now, or no longer. */
  onLeading?: (leads: boolean) => void;
  /** Hears of each batch that was acknowledged. */
  onSent?: (events: number) => void;
}

const BATCH = 2000;
/** Of one partition in one request; brokers refuse more than about 1 MB at once. An event that is larger goes alone. */
const PARTITION_BYTES = 700_000;
const MOST_REST_MS = 2000;
const STANDBY_MS = 500;
const GRACE_MS = 2000;
/** A round takes milliseconds, and seconds where brokers are lost. */
const SLOW_MS = 15_000;

/**
 * Gives the log to the events topic, shard by shard in order. Of any number of relays one leads: it holds an advisory lock
 * for as long as its connection lives. The cursor is moved after the broker has acknowledged, so what was under way when it
 * died is sent again. Every batch begins right after the cursor: even two leaders at once could only repeat, never skip.
 */
export class Relay {
  private cluster: string | undefined;
  private trouble: string | undefined = 'it has not begun';
  private roundSince = performance.now();

  constructor(
    private readonly pool: pg.Pool,
    private readonly kafka: Kafka,
    private readonly options: RelayOptions,
  ) {}

  /** Relays, or stands by, until the signal is given. Outages of the broker and of the database are survived, however long. */
  async run(signal: AbortSignal): Promise<void> {
    const bell = new Bell();
    const tell = (error: unknown) => void (signal.aborted || this.options.onError?.(error));
    // What is under way when it is told to stop may end, but not wait for a broker that is away.
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', () => (timer = setTimeout(() => late.abort(), GRACE_MS)), {
      once: true,
    });
    const stopped = new Promise<void>((resolve) => late.signal.addEventListener('abort', () => resolve()));
    const listening = listen(this.pool, LOG_CHANNEL, () => bell.ring(), { signal, onError: tell });
    for (let failures = 0; !signal.aborted;) {
      this.roundSince = performance.now();
      try {
        await Promise.race([this.lead(bell, () => void (failures = 0), signal, late.signal), stopped]);
      } catch (error) {
        this.trouble = (error as Error).message;
        tell(error);
        await pause(backOff(++failures, MOST_REST_MS), signal);
      }
    }
    clearTimeout(timer);
    await listening;
  }

  /**
   * What keeps it from giving events on, or from standing by, now; undefined where nothing does. It looks at the lock, the
   * log and the topic several times a second, whether there are events or not.
   */
  problem(): string | undefined {
    const seconds = Math.floor((performance.now() - this.roundSince) / 1000);
    return (
      this.trouble ??
      (seconds * 1000 > SLOW_MS
        ? `the database or the brokers have not answered for ${seconds} s`
        : undefined)
    );
  }

  /** How many events of each shard the broker has not acknowledged yet; none before the broker was ever reached. */
  async lag(): Promise<Map<number, number>> {
    if (this.cluster === undefined) return new Map();
    const [heads, cursors] = [
      await headsOf(this.pool),
      await readCursors(this.pool, { cluster: this.cluster, topic: this.options.topic }),
    ];
    return new Map([...heads].map(([shard, head]) => [shard, head - (cursors.get(shard) ?? 0)]));
  }

  /** Waits until it leads, and leads until the signal is given; `late` takes the lock from it. @throws where a connection is lost */
  private async lead(bell: Bell, onSound: () => void, signal: AbortSignal, late: AbortSignal): Promise<void> {
    const { onLeading, topic, source } = this.options;
    const client = await this.pool.connect();
    let lost: Error | undefined;
    client.on('error', (error) => (lost = error));
    client.on(
      'end',
      () => (lost ??= new Error('the connection that holds the lock of the relay was closed')),
    );
    let left = false;
    // Not given back to the pool: the lock goes with the connection.
    const leave = () => {
      if (!left) client.release(true);
      left = true;
    };
    late.addEventListener('abort', leave);
    const sender = new Sender(this.kafka);
    let place: RelayTopic | undefined;
    const sound = () => {
      if (lost) throw lost;
      this.trouble = undefined;
      this.roundSince = performance.now();
      onSound();
    };
    try {
      place = await RelayTopic.open(this.kafka, topic, source);
      const cluster = (this.cluster ??= await place.cluster());
      while (!(await isLeader(client, `${cluster} ${topic}`))) {
        sound();
        await pause(STANDBY_MS, signal);
        if (signal.aborted) return;
      }
      onLeading?.(true);
      while (!signal.aborted) {
        const relayed = { cluster, topic, id: await place.id() };
        await sender.close();
        await this.fill(relayed, await place.startingPoint(client, relayed), {
          client,
          sender,
          place,
          bell,
          sound,
          signal,
        });
      }
    } finally {
      onLeading?.(false);
      leave();
      await place?.close();
      await sender.close();
    }
  }

  /** Gives a topic what it lacks, and then what comes, for as long as it is that topic. */
  private async fill(
    relayed: RelayedTopic,
    cursors: Map<number, number>,
    { client, sender, place, bell, sound, signal }: Filling,
  ): Promise<void> {
    const { source, pollMs = 500, onSent } = this.options;
    while (!signal.aborted) {
      bell.clear();
      const batch = fitting(await readBatch(client, cursors, BATCH));
      if (batch.length === 0) {
        sound();
        await bell.wait(pollMs, signal);
      } else
        await sender.send(
          relayed.topic,
          batch.map((row) => eventMessage(row, source)),
        );
      // Asked after a send: only so it is known which topic has taken it.
      if ((await place.id()) !== relayed.id) return;
      if (batch.length === 0) continue;
      const reached = new Map(batch.map(({ shard, position }) => [shard, position]));
      for (const [shard, position] of reached) cursors.set(shard, position);
      await moveCursors(client, relayed, reached);
      sound();
      onSent?.(batch.length);
    }
  }
}

/** What a relay that leads works with. */
interface Filling {
  client: pg.PoolClient;
  sender: Sender;
  place: RelayTopic;
  bell: Bell;
  /** All has answered: nothing keeps it from its work. @throws where the lock is lost */
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

/** Of each shard as much as one request may hold. */
function fitting(rows: readonly StoredBody[]): StoredBody[] {
  const bytes = new Map<number, number>();
  return rows.filter(({ shard, body, stream }) => {
    const before = bytes.get(shard) ?? 0;
    const after = before + Buffer.byteLength(body) + stream.length + 400;
    bytes.set(shard, after);
    return before === 0 || after <= PARTITION_BYTES;
  });
}
