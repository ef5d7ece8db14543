import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/platform';
import { topicsOf } from '#libs/messaging';
import { startCluster, type Broker } from '../../support/kafka/cluster.js';
import { freePort } from '../../support/kafka/ports.js';
import { TcpProxy } from '../../support/kafka/tcp-proxy.js';
import { Member, type Part } from './member.js';

export const SHARDS = 16;
const PREFIX = 'chaos';

/** One reads, two of each work: where one stops the other continues. */
const CAST: readonly Part[] = ['api', 'recorder', 'recorder', 'relay', 'relay', 'projector', 'projector'];

/** A database, a cluster, and the processes of the product as they run in production, all of which may be struck. */
export class ChaosCluster {
  readonly topics = topicsOf(PREFIX);
  readonly groups = { recorder: `${PREFIX}.recorder`, projector: `${PREFIX}.projector` };
  readonly members: Member[] = [];
  readonly brokers: Broker[] = [];
  /** Of the test's own, directly. */
  readonly kafka: Kafka;
  private serial = 0;
  private endCluster = async () => {};

  private constructor(
    private readonly folder: string,
    private readonly bootstrap: string,
    /** Between the relays and each broker. */
    readonly proxies: readonly TcpProxy[],
    readonly postgres: EmbeddedPostgres,
  ) {
    this.kafka = new Kafka({
      clientId: 'chaos',
      brokers: bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1000,
      requestTimeout: 4000,
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    });
  }

  /**
   * Starts all of it; the processes do not wait for the brokers.
   * @param folder for all that is kept and logged; empty or missing
   */
  static async open(folder: string, brokers: 1 | 3): Promise<ChaosCluster> {
    mkdirSync(join(folder, 'database'), { recursive: true });
    const places = Array.from({ length: brokers }, async () => ({
      port: await freePort(),
      proxy: await TcpProxy.open(0),
    }));
    const [ports, proxies] = [
      await Promise.all(places.map(async (place) => (await place).port)),
      await Promise.all(places.map(async (place) => (await place).proxy)),
    ];
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'database') });
    const arena = new ChaosCluster(
      folder,
      ports.map((port) => `127.0.0.1:${port}`).join(','),
      proxies,
      postgres,
    );
    const clustering = startCluster({
      folder: join(folder, 'kafka'),
      ports,
      cutPorts: proxies.map(({ port }) => port),
      heapMb: brokers === 1 ? 512 : 320,
    }).then((cluster) => {
      arena.brokers.push(...cluster.brokers);
      for (const [at, proxy] of proxies.entries()) proxy.target = cluster.brokers[at]!.cutPort!;
      arena.endCluster = () => cluster.kill();
    });
    const outcomes = await Promise.allSettled([
      clustering,
      ...CAST.map((part) => arena.engage(part).start()),
    ]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return arena;
    await arena.close();
    throw failed.reason;
  }

  /** One more process of a part, not yet started. */
  engage(part: Part): Member {
    const name = `${part}-${(this.serial += 1)}`;
    const brokers =
      part === 'relay' ? this.proxies.map(({ port }) => `127.0.0.1:${port}`).join(',') : this.bootstrap;
    const env = {
      DATABASE_URL: this.postgres.url,
      KAFKA_BROKERS: brokers,
      KAFKA_PREFIX: PREFIX,
      PORT: '0',
      SHARDS: String(SHARDS),
      LOG_LEVEL: part === 'api' ? 'warn' : 'info',
    };
    const member = new Member(name, part, env, join(this.folder, `${name}.log`));
    this.members.push(member);
    return member;
  }

  of(part: Part): Member[] {
    return this.members.filter((member) => member.part === part && member.runs);
  }

  /** What the processes did by themselves that they should not have done. */
  faults(): string[] {
    return this.members.flatMap(({ faults }) => faults);
  }

  /** Ends all of it. */
  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await Promise.all([
      this.endCluster(),
      this.postgres.stop(),
      ...this.proxies.map((proxy) => proxy.close()),
    ]);
  }
}
