import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { Projector, READ_MODELS } from '#libs/projection';
import type pg from 'pg';
import { withClient } from '../copy.js';
import { cpuOf, cpuWithChildren } from '../work.js';
import { median, shown } from '../figure.js';
import type { Ground } from '../ground.js';
import { SHARDS, partOfWar } from '../statements.js';
import type { GrownLog } from './log.js';

const BATCH = 1000;

/** What one operation costs: the clock, processor time of Node and of PostgreSQL, and the WAL that it writes. */
export interface Cost {
  ms: number;
  nodeUs: number;
  postgresUs: number;
  walBytes: number;
}

/** Counts what work costs, of any number of pieces that are measured one after the other. */
export class CostMeter {
  private readonly sum: Cost = { ms: 0, nodeUs: 0, postgresUs: 0, walBytes: 0 };
  private operations = 0;

  /** @param pid of the process of Node that does the work */
  constructor(
    private readonly ground: Ground,
    private readonly client: pg.ClientBase,
    private readonly pid: number,
  ) {}

  async measure(operations: number, work: () => Promise<unknown>): Promise<void> {
    const before = await this.read();
    await work();
    const after = await this.read();
    for (const key of Object.keys(before) as (keyof Cost)[]) this.sum[key] += after[key] - before[key];
    this.operations += operations;
  }

  /** An operation's. */
  get cost(): Cost {
    const { ms, nodeUs, postgresUs, walBytes } = this.sum;
    const each = (all: number) => all / this.operations;
    return { ms: each(ms), nodeUs: each(nodeUs), postgresUs: each(postgresUs), walBytes: each(walBytes) };
  }

  private async read(): Promise<Cost> {
    const { rows } = await this.client.query<{ bytes: number }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`,
    );
    return {
      nodeUs: cpuOf(this.pid) * 1e6,
      postgresUs: cpuWithChildren(this.ground.serverPid) * 1e6,
      walBytes: rows[0]!.bytes,
      ms: performance.now(),
    };
  }
}

/** Appends a part of the war that the log does not have, batch by batch, and projects each at once. The first does not count. */
export async function appendAndProject(
  ground: Ground,
  { database, places }: GrownLog,
  part: number,
): Promise<{ append: Cost; project: Cost }> {
  const pool = createPool(database.url, { max: 4 });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const projector = new Projector(pool, store, { schema: READ_MODELS, ruleset: ground.ruleset });
  const candidates = partOfWar(part, places);
  const costs = await withClient(database.url, async (client) => {
    const append = new CostMeter(ground, client, process.pid);
    const project = new CostMeter(ground, client, process.pid);
    for (let at = 0; at < candidates.length; at += BATCH) {
      const heads = await store.heads();
      const appending = () => store.append(candidates.slice(at, at + BATCH));
      await (at === 0 ? appending() : append.measure(1, appending));
      const events = await Promise.all(
        heads.map(({ shard, position }) => store.readShard(shard, position, BATCH)),
      );
      const projecting = () => projector.handle(events.flat());
      await (at === 0 ? projecting() : project.measure(1, projecting));
    }
    return { append: append.cost, project: project.cost };
  });
  await pool.end();
  return costs;
}

/** Medians over turns, in words. */
export function costsShown(costs: readonly Cost[], unit: 'ms' | 'us'): string {
  const of = (key: keyof Cost) => median(costs.map((cost) => cost[key]));
  const [factor, wal] = [unit === 'ms' ? 1000 : 1, of('walBytes')];
  return [
    `${shown((of('ms') * 1000) / factor)} ${unit}`,
    `CPU of Node ${shown(of('nodeUs') / factor)}, of PostgreSQL ${shown(of('postgresUs') / factor)}`,
    ...(wal >= 1000 ? [`WAL ${shown(wal / 1000)} kB`] : []),
  ].join(', ');
}
