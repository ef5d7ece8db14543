import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { verify } from '#libs/transparency';
import { copyOf } from '../../support/go-back.js';
import { whyNoBroker } from '../../support/kafka/available.js';
import { startCluster, type Cluster } from '../../support/kafka/cluster.js';
import { Random } from '../../support/random.js';
import { few } from '../audit.js';
import { TargetService } from '../target-service.js';
import { Acknowledged } from './acknowledged.js';
import { EventFollower, StreamFollower, type Follower } from './followers.js';

export interface EpochChaos {
  rounds: number;
  seed: number;
  /** For the service's data and its log; empty or missing. */
  folder: string;
  say: (line: string) => void;
  /** Without a broker, though one could be started. */
  withoutKafka?: boolean;
}

const SHARDS = 4;
const WRITERS = 4;
const DEADLINE_MS = 120_000;
const MAIN = 'dist/apps/cli/src/main.js';
const TOPIC_READER = 'a reader of the topic';

/**
 * Puts the store back to a copy of some seconds ago while writers and readers are at work, in each round. The system has to say so to
 * whoever reads; after what docs/operations.md says it has to go on, and nothing that was sent after that, or was in the copy, may be
 * missing anywhere. @returns what did not hold
 */
export async function runEpochChaos(options: EpochChaos): Promise<string[]> {
  const { rounds, seed, folder, say } = options;
  mkdirSync(folder, { recursive: true });
  const run = await Run.open(options);
  const faults: string[] = [];
  try {
    for (let round = 1; round <= rounds && faults.length === 0; round++) {
      const begun = Date.now();
      const before = run.lostSoFar;
      await run.round();
      faults.push(...(await run.audit()));
      say(
        `round ${round}: ${run.acknowledged.statements.size} acknowledged, ${run.lostSoFar - before} lost with the store in it; ` +
          `${((Date.now() - begun) / 1000).toFixed(1)} s`,
      );
    }
  } catch (error) {
    faults.push((error as Error).stack ?? String(error));
  } finally {
    await run.close();
  }
  say(`${faults.length === 0 ? 'all held' : 'FAILED'} (seed ${seed}): ${run.summary}`);
  return faults;
}

class Run {
  readonly acknowledged: Acknowledged;
  private readonly ending = new AbortController();
  private readonly followers: Follower[];
  /** What the log held when it was looked at last, and when that was. */
  private held = new Set<string>();
  private lookedAt = 0;
  /** What it has to hold now. */
  private expected = new Set<string>();
  private lost = 0;

  private constructor(
    private readonly random: Random,
    private readonly service: TargetService,
    private readonly env: NodeJS.ProcessEnv,
    private readonly cluster: Cluster | undefined,
  ) {
    const url = () => service.url();
    const { signal } = this.ending;
    this.acknowledged = new Acknowledged(url, random);
    this.followers = [
      new StreamFollower(url, signal),
      new EventFollower('a reader over HTTP', async () => ({ url: await url() }), signal),
    ];
    if (cluster)
      this.followers.push(
        new EventFollower(TOPIC_READER, async () => ({ brokers: cluster.bootstrap.split(',') }), signal),
      );
  }

  static async open({ folder, seed, say, withoutKafka }: EpochChaos): Promise<Run> {
    const reason = withoutKafka ? 'as asked' : whyNoBroker();
    if (reason !== undefined) say(`without Kafka: ${reason}`);
    const cluster = reason === undefined ? await startCluster({ folder: `${folder}-kafka` }) : undefined;
    const env = {
      LOG_LEVEL: 'warn',
      SHARDS: String(SHARDS),
      ...(cluster && { KAFKA_BROKERS: cluster.bootstrap }),
    };
    const service = new TargetService(folder, join(folder, 'service.log'), env);
    await service.start().catch(async (error: unknown) => {
      await cluster?.kill();
      throw error;
    });
    return new Run(new Random(seed), service, { ...env, DATA_DIR: folder }, cluster);
  }

  get summary(): string {
    const told = this.followers.map(({ name, told: times }) => `${name} was told ${times} times`);
    return `${this.acknowledged.statements.size} acknowledged, ${this.lost} lost with the store; ${told.join(', ')}`;
  }

  /** Load, a copy, more load until everybody has read some of what goes, the copy put back, and what an operator does then. */
  async round(): Promise<void> {
    const { acknowledged, random, service, followers, lookedAt } = this;
    const told = new Map(followers.map((one) => [one, one.told]));
    const wasTold = (one: Follower) => one.told > told.get(one)!;
    const loading = new AbortController();
    const load = acknowledged.load(WRITERS, loading.signal);
    try {
      await sleep(random.int(300, 2000));
      const database = await service.databaseUrl();
      const copying = performance.now();
      const copy = await copyOf(database);
      const copied = performance.now();
      const goes = () => acknowledged.between(copied, Infinity);
      await this.until('every follower has read what goes', () =>
        followers.every((one) => goes().some((id) => one.statements().has(id))),
      );
      await sleep(random.int(0, 2000));
      await copy.putBack({ sameLine: random.chance(0.5) });
      const restored = performance.now();
      await sleep(random.int(300, 2000));
      loading.abort();
      await load;
      this.expected = new Set([
        ...this.held,
        ...acknowledged.between(lookedAt, copying),
        ...acknowledged.between(restored, Infinity),
      ]);
    } finally {
      loading.abort();
      await load;
    }
    await this.until('the readers over HTTP are told', () =>
      followers.every((one) => one.name === TOPIC_READER || wasTold(one)),
    );
    if (this.cluster) {
      await this.until('/readyz names the topic', async () =>
        (await this.readiness()).includes('epoch confirm'),
      );
      await promisify(execFile)(process.execPath, [MAIN, 'epoch', 'confirm'], {
        env: { ...process.env, ...this.env },
      });
    }
    await this.until('everybody is told', () => followers.every(wasTold));
    await this.until('it is ready', async () => (await this.readiness()) === 'ready');
  }

  /** What is wrong after a round; nobody writes meanwhile. */
  async audit(): Promise<string[]> {
    const { statements: logged, faults } = await this.log();
    faults.push(...this.acknowledged.faults);
    for (const id of this.expected)
      if (!logged.has(id)) faults.push(`LOST: ${id} was acknowledged and is not in the log`);
    for (const follower of this.followers) {
      const lacks = () => [...logged].filter((id) => !follower.statements().has(id));
      await this.until('a follower has all', () => lacks().length === 0).catch(() => {});
      if (lacks().length > 0)
        faults.push(`${follower.name} lacks ${lacks().length} statements: ${lacks()[0]}`);
      if (follower.fault !== undefined) faults.push(follower.fault);
      for (const id of follower.statements())
        if (follower instanceof EventFollower && !logged.has(id))
          faults.push(`${follower.name} has ${id}, which the log does not have`);
    }
    await this.until('the read models have all', async () => (await this.projected()) === logged.size).catch(
      async () => faults.push(`the read models have ${await this.projected()} of ${logged.size} statements`),
    );
    this.lost = [...this.acknowledged.statements.keys()].filter((id) => !logged.has(id)).length;
    this.held = logged;
    this.lookedAt = performance.now();
    return few(faults);
  }

  get lostSoFar(): number {
    return this.lost;
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.service.close();
    await this.cluster?.kill();
  }

  /** The statements of the log, and what is wrong with it. */
  private async log(): Promise<{ statements: Set<string>; faults: string[] }> {
    const pool = createPool(await this.service.databaseUrl(), { max: 4 });
    try {
      const store = await EventStore.open(pool, { shards: SHARDS });
      const statements = new Set<string>();
      for await (const { statementId } of store.readAll()) if (statementId) statements.add(statementId);
      const { faults } = await verify(store, { after: new Map() });
      return {
        statements,
        faults: faults.map(({ shard, position, what }) => `verify: ${shard}:${position} ${what}`),
      };
    } finally {
      await pool.end();
    }
  }

  /** How many statements the read models show. */
  private async projected(): Promise<number> {
    let count = 0;
    for (let cursor = ''; ;) {
      const { items, nextCursor } = (await this.get(`/v1/statements?limit=500${cursor}`)) as {
        items: object[];
        nextCursor: string | null;
      };
      count += items.length;
      if (nextCursor === null) return count;
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
    }
  }

  private async readiness(): Promise<string> {
    const { status, detail = status } = (await this.get('/readyz')) as { status: string; detail?: string };
    return String(detail);
  }

  private async get(path: string): Promise<unknown> {
    return (
      await fetch(`${await this.service.url()}${path}`, { signal: AbortSignal.timeout(30_000) })
    ).json();
  }

  private async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = Date.now() + DEADLINE_MS; !(await attempt(holds)); await sleep(50))
      if (Date.now() > end) throw new Error(`not within ${DEADLINE_MS / 1000} s: ${what}`);
  }
}

/** A service whose database was just taken away may not answer. */
const attempt = async (holds: () => boolean | Promise<boolean>): Promise<boolean> => {
  try {
    return await holds();
  } catch {
    return false;
  }
};
