import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import {
  type DynamicModule,
  type INestApplicationContext,
  Module,
  type Provider,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { Access, callerOfBearer, KeyRing, requireKeysOrOpen } from '#libs/access';
import { EventStore } from '#libs/log';
import { loadGazetteer, Register } from '#libs/places';
import {
  BackgroundTask,
  type HealthAccess,
  exposedFiles,
  type HealthServer,
  LOGGER,
  type Logger,
  NestLogs,
  openDatabase,
  Pools,
  portTaken,
  Problem,
  Readiness,
  ServiceMetrics,
  type Settings,
  startHealthServer,
  startMetricsServer,
  STOPPING,
  urlOf,
} from '#libs/platform';
import { readLag, ReadModels, type ShardLag } from '#libs/queries';
import { AccessModule } from '#modules/access';
import { BROKER, type Broker } from '#modules/messaging';
import { PlatformModule } from '#modules/platform';
import type { ForkedPart } from './forked-part.js';
import { type Part, requireBroker } from './parts.js';
import { StartingBacklog } from './starting-backlog.js';

export interface Service {
  app: INestApplicationContext;
  /** The address of the API, or of health and metrics only. */
  url: string;
  /** The address of the metrics, where they are served alone (METRICS_PORT). */
  metricsUrl?: string | undefined;
  /** Resolves when the service cannot go on: what it has lost, and why. */
  lost: Promise<Lost>;
  /** Ends requests and streams, then background work, then the database. */
  stop(): Promise<void>;
}

export interface Lost {
  what: string;
  reason: Error;
}

export interface StartOptions {
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** Parts in processes of their own: they begin with this one, and stop with its tasks. */
  forked?: readonly ForkedPart[];
}

const API_PORT = 3000;

@Module({})
export class ServiceRoot {}

/**
 * Starts parts in this process, on the database and the broker that the settings name. While the broker is away it waits,
 * and the API serves. While the database has no connection free it waits, and serves nothing.
 * @param module composes the parts
 * @throws SettingsError where a part needs a broker and none is named, or where others reach it and there is no key; TopicMismatch; the signal's reason; where a forked part
 * cannot start
 */
export async function startService(
  module: Type | DynamicModule,
  parts: readonly Part[],
  settings: Settings,
  log: Logger,
  { signal, forked = [] }: StartOptions = {},
): Promise<Service> {
  requireBroker(parts, settings);
  for (const warning of exposedFiles(settings)) log.warn(warning);
  const database = await openDatabase(settings, log);
  const lost = new Promise<Lost>((resolve) => {
    database.onLost((reason) => resolve({ what: 'the database', reason }));
    for (const one of forked)
      void one.lost.then((reason) => resolve({ what: `the process of the ${one.part}`, reason }));
  });
  const pools = new Pools(database, log);
  let health: HealthServer | undefined;
  let metrics: HealthServer | undefined;
  let close = () => pools.close();
  const stop = () => close().catch((error: unknown) => log.error({ err: error }, 'could not stop cleanly'));
  try {
    await pools.waitForSlot({ signal });
    const { url: databaseUrl, embedded } = database;
    for (const one of forked) {
      one.begin({ database: { url: databaseUrl, embedded }, settings });
      log.info({ part: one.part, childPid: one.pid }, 'a part works in a process of its own');
    }
    const imports = [PlatformModule.of(settings, log, pools), AccessModule, module];
    const root = { module: ServiceRoot, imports, providers: stoppingWithTasks(forked) };
    // Only processes of the API load HTTP.
    const app = parts.includes('api')
      ? await (await import('#modules/http')).createApi(root, log, settings)
      : await createContext(root, log);
    close = async () => {
      await Promise.all([health?.close(), metrics?.close()]);
      await app.close();
    };
    requireKeysOrOpen(app.get(Access), settings);
    // Tiles, jobs and, without a broker, the projector start now: places of a gazetteer are seen soon.
    await app.init();
    const readiness = app.get(Readiness);
    for (const one of forked) {
      readiness.add(one.part, () => one.problem());
      app.get(ServiceMetrics).include(() => one.metrics());
    }
    if (parts.includes('api') || parts.includes('projector')) {
      const [models, store] = [app.get(ReadModels), app.get(EventStore)];
      const backlog = new StartingBacklog({
        heads: async () => new Map((await store.heads()).map(({ shard, position }) => [shard, position])),
        checkpoints: () => models.checkpoints(),
      });
      readiness.add(
        'read models',
        async () => (await backlog.problem()) ?? tooOld(await readLag(models, store)),
      );
    }
    if (settings.gazetteerFile) await loadGazetteer(settings.gazetteerFile, app.get(Register), log);
    const { host } = settings;
    const registry: Registry = app.get(Registry);
    if (settings.metrics) metrics = await startMetricsServer(registry, { ...settings.metrics, settings });
    const url = parts.includes('api')
      ? await listen(app as NestFastifyApplication, host, settings.port ?? API_PORT)
      : (health = await startHealthServer(readiness, settings.metrics ? undefined : registry, {
          host,
          port: settings.port ?? 0,
          settings,
          access: healthAccess(app.get(Access), app.get(KeyRing)),
        })).url;
    if (metrics) log.info({ url: `${metrics.url}/metrics` }, 'metrics are served on a port of their own');
    // Relay, recorder and, with a broker, the projector start when the topics are there.
    await Promise.all([
      app.get<Broker | undefined>(BROKER)?.gate.prepare(signal),
      ...forked.map(({ ready }) => ready),
    ]);
    return { app, url, metricsUrl: metrics?.url, lost, stop };
  } catch (error) {
    await Promise.all(forked.map((one) => one.stop()));
    await stop();
    throw error;
  }
}

/** As the API does: metrics need the role `operate`. */
const healthAccess = (access: Access, ring: KeyRing): HealthAccess => ({
  open: () => access.open,
  async refuseMetrics(authorization) {
    if (!access.isCurrent) await access.refreshIfPossible();
    const decided = access.decide('operate', callerOfBearer(ring, authorization));
    return decided instanceof Problem ? decided : undefined;
  },
});

/** Stops processes at the same time as the tasks of this one. */
const stoppingWithTasks = (forked: readonly ForkedPart[]): Provider[] =>
  forked.map((one) => ({
    provide: one.part,
    inject: [LOGGER, STOPPING],
    useFactory: (log: Logger, stopping: AbortController) =>
      new BackgroundTask((signal) => one.runUntil(signal), log, stopping),
  }));

/** An application without HTTP. */
export const createContext = (root: DynamicModule, log: Logger): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(root, {
    logger: new NestLogs(log.child({}, { level: 'warn' })),
    abortOnError: false,
  });

/** @returns its URL @throws Error with a clear message where the port is taken */
async function listen(app: NestFastifyApplication, host: string, port: number): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw portTaken(error, host, port);
  }
  return urlOf(host, (app.getHttpServer().address() as AddressInfo).port);
}

/** Beyond these limits a process is alive, but not ready: its answers are too old. */
const MAX_LAG_EVENTS = 100_000;
const MAX_LAG_SECONDS = 60;

function tooOld(shards: readonly ShardLag[]): string | undefined {
  const behind = shards.filter(({ lag }) => lag.events > MAX_LAG_EVENTS || lag.seconds > MAX_LAG_SECONDS);
  return behind.length === 0 ? undefined : `behind in ${behind.length} of ${shards.length} shards`;
}
