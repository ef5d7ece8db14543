import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Broker, BrokerProcess } from './broker.js';
import { killBrokersAfter, untilNoneRuns } from './kill-brokers-after.js';
import { type NodePlace, nodeProperties } from './node-properties.js';
import { freePort } from './ports.js';
import { kafkaProgram } from './program.js';

export type { Broker } from './broker.js';

export interface Cluster {
  brokers: Broker[];
  /** "127.0.0.1:p1,127.0.0.1:p2" */
  bootstrap: string;
  /** Stops all brokers (SIGTERM). Of three the last wait 5 s in vain for the others. */
  stop(): Promise<void>;
  /** Kills all brokers (SIGKILL): quicker, where nobody needs the folder any more. */
  kill(): Promise<void>;
}

export interface ClusterOptions {
  /** What the brokers keep; a folder that has been used before keeps its data, brokers and ports. */
  folder: string;
  /** 1 (default) or 3: brokers and controllers in one quorum. */
  brokers?: number;
  /** For clients, one a broker; by default those of the last time, at first free ones. */
  ports?: readonly number[];
  /** Of every broker, over those of node-properties.ts. */
  properties?: Record<string, string>;
  /** The ports of proxies, one a broker, each in front of the broker's `cutPort`; known before, because brokers give them to clients. */
  cutPorts?: readonly number[];
  heapMb?: number;
  /** Whether the brokers live on after this process; whoever wants that sees to their end. By default they die with it. */
  outlive?: boolean;
}

/** What a folder remembers from one start to the next. */
interface Remembered {
  clusterId: string;
  ports: number[];
}

/**
 * Starts Apache Kafka; resolves when every broker answers, and knows of the others.
 * @throws Error that says what is missing, or with the end of the log of a broker that ended
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { brokers: count = options.ports?.length ?? 1, properties = {}, heapMb, outlive = false } = options;
  const folder = resolve(options.folder);
  const program = await kafkaProgram(heapMb);
  mkdirSync(folder, { recursive: true });
  await untilNoneRuns(folder);
  const { clusterId, ports } = await remembered(folder, count, options.ports);
  const places = await placesOf(ports, options.cutPorts);
  const brokers = places.map((place) => {
    const base = join(folder, `broker-${place.id}`);
    writeFileSync(`${base}.properties`, nodeProperties(place, places, base, properties));
    return new BrokerProcess(place, folder, program, outlive);
  });
  const letGo = outlive ? undefined : killBrokersAfter(folder);
  const endAll = async (how: 'stop' | 'kill') => {
    await Promise.all(brokers.map((broker) => broker[how]()));
    await letGo?.();
  };
  try {
    await Promise.all(brokers.map((broker) => broker.format(clusterId)));
    await Promise.all(brokers.map((broker) => broker.start(places.map(({ id }) => id))));
  } catch (error) {
    await endAll('kill');
    throw error;
  }
  return {
    brokers,
    bootstrap: ports.map((port) => `127.0.0.1:${port}`).join(','),
    stop: () => endAll('stop'),
    kill: () => endAll('kill'),
  };
}

async function remembered(
  folder: string,
  count: number,
  wanted: readonly number[] | undefined,
): Promise<Remembered> {
  const file = join(folder, 'cluster.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Remembered) : undefined;
  if (before !== undefined && before.ports.length !== count)
    throw new Error(`${folder} holds the data of ${before.ports.length} brokers, not ${count}`);
  const ports = wanted ?? before?.ports ?? (await freePorts(count));
  if (ports.length !== count)
    throw new Error(`${count} brokers on ${ports.length} ports (${ports.join(', ')})`);
  const now = { clusterId: before?.clusterId ?? newClusterId(), ports: [...ports] };
  writeFileSync(`${file}.new`, JSON.stringify(now));
  renameSync(`${file}.new`, file);
  return now;
}

/** Only the ports for clients are kept: those between brokers nobody else has to know. */
async function placesOf(
  ports: readonly number[],
  cutPorts: readonly number[] | undefined,
): Promise<NodePlace[]> {
  if (cutPorts !== undefined && cutPorts.length !== ports.length)
    throw new Error(`${ports.length} brokers behind ${cutPorts.length} proxies`);
  const places: NodePlace[] = [];
  for (const [index, port] of ports.entries()) {
    const advertised = cutPorts?.[index];
    places.push({
      id: index + 1,
      port,
      controllerPort: await freePort(),
      cut: advertised === undefined ? undefined : { port: await freePort(), advertised },
    });
  }
  return places;
}

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** A UUID in Kafka's spelling: base64url, and no dash in front, which a command line takes for an option. */
function newClusterId(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, 'A');
}
