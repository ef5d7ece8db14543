import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, Message } from 'kafkajs';
import type pg from 'pg';
import { withClient } from '../copy.js';
import { cpuWithChildren } from '../work.js';
import type { Database, Ground } from '../ground.js';
import { end, service } from '../served.js';
import { produce } from './bench-broker.js';
import { stagesOf } from './progress.js';

const TIMEOUT_MS = 300_000;
/** So long a topic may take to be worked off. */
const DRAINED_WITHIN_MS = 600_000;

/** Which processes work a topic off, and what holds them meanwhile: the lock is on a table that each has to write first. */
const PARTS = {
  recorder: { topic: 'statements', stage: 'recorded', held: 'claimline.heads' },
  projector: { topic: 'events', stage: 'projected', held: 'read_models.checkpoint' },
} as const;

export type DrainingPart = keyof typeof PARTS;

/** How processes worked a topic off; processor time for each message, in microseconds. */
export interface Drained {
  perSecond: number;
  nodeUs: number;
  postgresUs: number;
  /** Of all that runs on the machine, broker and benches included. */
  busyCores: number;
  /** In what share of looks at a session in a transaction it did what: "Lock:transactionid", or "running". */
  doing: Map<string, number>;
}

/**
 * From the moment that this number of processes may begin until all messages have taken effect: they have shared the partitions
 * out, and the topic has all messages. Until then a lock holds them, with the first messages in hand.
 * @param source its log and read models are what they find
 */
export async function drain(
  ground: Ground,
  source: Database,
  batches: readonly Message[][],
  part: DrainingPart,
  processes: number,
): Promise<Drained> {
  const { kafka, ...broker } = await ground.broker();
  const { topic, stage, held } = PARTS[part];
  const [database, topics] = [await ground.database(source.name), await broker.topics()];
  const servings = await Promise.all(
    Array.from({ length: processes }, () => service(ground, database, [part], topics.env)),
  );
  await joined(kafka, `${topics.env.KAFKA_PREFIX}.${part}`, processes);
  const drained = await withClient(database.url, async (client) => {
    const stages = await stagesOf(client);
    const messages = batches.reduce((sum, batch) => sum + batch.length, 0);
    const all = part === 'recorder' ? stages.recorded + messages : stages.recorded;
    const nodeSeconds = () => servings.reduce((sum, { pid }) => sum + cpuWithChildren(pid), 0);
    await holding(client, held, () => produce(kafka, topics[topic], batches));
    const before = { node: nodeSeconds(), postgres: cpuWithChildren(ground.serverPid), busy: busySeconds() };
    const begin = performance.now();
    const looks: string[] = [];
    await until(async () => {
      looks.push(...(await doingOf(client)));
      return (await stagesOf(client))[stage] === all;
    }, DRAINED_WITHIN_MS);
    const seconds = (performance.now() - begin) / 1000;
    const count = all - stages[stage];
    return {
      perSecond: count / seconds,
      nodeUs: ((nodeSeconds() - before.node) * 1e6) / count,
      postgresUs: ((cpuWithChildren(ground.serverPid) - before.postgres) * 1e6) / count,
      busyCores: (busySeconds() - before.busy) / seconds,
      doing: sharesOf(looks),
    };
  });
  await Promise.all(servings.map(end));
  await database.drop();
  await topics.drop();
  return drained;
}

/** Does something while nobody can write a table. */
async function holding(client: pg.Client, table: string, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  await client.query(`lock table ${table} in exclusive mode`);
  await work();
  await client.query('commit');
}

/** What the sessions that are in a transaction do at the moment; those that wait for Node, "Client:ClientRead". */
async function doingOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ doing: string }>(
    `select coalesce(wait_event_type || ':' || wait_event, 'running') as doing from pg_stat_activity
     where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`,
  );
  return rows.map(({ doing }) => doing);
}

function sharesOf(looks: readonly string[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const one of looks) shares.set(one, (shares.get(one) ?? 0) + 1 / looks.length);
  return new Map([...shares].toSorted(([, a], [, b]) => b - a));
}

/** Processor time of the whole machine so far, in seconds. */
const busySeconds = () =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + (user + nice + sys + irq) / 1000, 0);

async function joined(kafka: Kafka, groupId: string, members: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await until(async () => {
    const [group] = (await admin.describeGroups([groupId])).groups;
    return group?.state === 'Stable' && group.members.length === members;
  }, TIMEOUT_MS);
  await admin.disconnect();
}

export async function until(there: () => Promise<boolean>, timeoutMs = TIMEOUT_MS): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; !(await there()); await sleep(20))
    if (performance.now() > deadline) throw new Error('waited in vain');
}
