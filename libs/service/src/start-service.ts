import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { EventStore } from '#libs/log';
import { loadGazetteer, Register } from '#libs/places';
import {
  type HealthServer,
  type Logger,
  NestLogs,
  openDatabase,
  Pools,
  portTaken,
  Readiness,
  type Settings,
  startHealthServer,
  urlOf,
} from '#libs/platform';
import { readLag, ReadModels, type ShardLag } from '#libs/queries';
import { BROKER, type Broker } from '#modules/messaging';
import { PlatformModule } from '#modules/platform';
import { type Part, requireBroker } from './parts.js';

export interface Service {
  app: INestApplicationContext;
  /** The address of the API, or of health and metrics only. */
  url: string;
  /** Resolves with the reason when the service cannot go on. */
  lost: Promise<Error>;
  /** Ends requests and streams, then background work, then the database. */
  stop(): Promise<void>;
}

const API_PORT = 3000;

@Module({})
class ServiceRoot {}

/**
 * Starts parts in this process, on the database and the broker that the settings name. While the broker is away it waits,
 * and the API serves.
 * @param module composes the parts
 * @param signal ends the waiting
 * @throws SettingsError where a part needs a broker and none is named; TopicMismatch; the signal's reason
 */
export async function startService(
  module: Type | DynamicModule,
  parts: readonly Part[],
  settings: Settings,
  log: Logger,
  signal?: AbortSignal,
): Promise<Service> {
  requireBroker(parts, settings);
  const database = await openDatabase(settings, log);
  const lost = new Promise<Error>((resolve) => database.onLost(resolve));
  const pools = new Pools(database, log);
  let health: HealthServer | undefined;
  let close = () => pools.close();
  const stop = () => close().catch((error: unknown) => log.error({ err: error }, 'could not stop cleanly'));
  try {
    const imports = [PlatformModule.of(settings, log, pools), module];
    const app = await create({ module: ServiceRoot, imports }, parts, log);
    close = async () => {
      await health?.close();
      await app.close();
    };
    // Tiles, jobs and, without a broker, the projector start now: places of a gazetteer are seen soon.
    await app.init();
    const readiness = app.get(Readiness);
    if (parts.includes('api') || parts.includes('projector')) {
      const [models, store] = [app.get(ReadModels), app.get(EventStore)];
      readiness.add('read models', async () => tooOld(await readLag(models, store)));
    }
    if (settings.gazetteerFile) await loadGazetteer(settings.gazetteerFile, app.get(Register), log);
    const { host } = settings;
    const url = parts.includes('api')
      ? await listen(app as NestFastifyApplication, host, settings.port ?? API_PORT)
      : (health = await startHealthServer(readiness, app.get(Registry), { host, port: settings.port ?? 0 }))
          .url;
    // Relay, recorder and, with a broker, the projector start when the topics are there.
    await app.get<Broker | undefined>(BROKER)?.gate.prepare(signal);
    return { app, url, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of HTTP only where the API is a part: the other parts do not load it. */
async function create(
  root: DynamicModule,
  parts: readonly Part[],
  log: Logger,
): Promise<INestApplicationContext> {
  if (parts.includes('api')) return (await import('#modules/http')).createApi(root, log);
  return NestFactory.createApplicationContext(root, {
    logger: new NestLogs(log.child({}, { level: 'warn' })),
    abortOnError: false,
  });
}

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
