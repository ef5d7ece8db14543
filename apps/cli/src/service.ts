import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type ApiServer } from '#apps/api/src/server.js';
import { startProjector } from '#apps/projector/src/server.js';
import { startTiles } from '#apps/projector/src/tiles.js';
import { startRecorder } from '#apps/recorder/src/server.js';
import { startRelay } from '#apps/relay/src/server.js';
import {
  type HealthServer,
  type Logger,
  openDatabase,
  type Settings,
  SettingsError,
  startHealthServer,
} from '#libs/platform';
import type { ShardLag } from '#libs/read-models';
import { clockWarnings, ensureTopics, TopicMismatch } from '#libs/wire';
import { loadGazetteer } from './gazetteer.js';
import { createAppContext, type Broker, type AppContext } from './app-context.js';
import { ROLES, type Role } from './roles.js';
import { startJobs } from './replay-worker.js';
import { shutdown } from './shutdown.js';

/** The parts that need a broker. */
const OF_BROKER: readonly Role[] = ['recorder', 'relay'];

/** The parts that run where none is named: all of them, as far as there is a broker. */
export const allRoles = ({ kafka }: Pick<Settings, 'kafka'>): Role[] =>
  ROLES.filter((part) => kafka || !OF_BROKER.includes(part));

export interface Service {
  context: AppContext;
  /** The address of the API, or of health and metrics only. */
  url: string;
  /** Resolves with the reason when the service cannot go on. */
  lost: Promise<Error>;
  /** Ends requests and streams, then background work, then the database. */
  stop(): Promise<void>;
}

const API_PORT = 3000;

/**
 * Starts the parts in this process, on the database and the broker that the settings name. While the broker is away it
 * waits, and the API serves.
 * @param signal ends the waiting
 * @throws SettingsError where a part needs a broker and none is named; TopicMismatch; the signal's reason
 */
export async function startService(
  parts: readonly Role[],
  settings: Settings,
  log: Logger,
  signal?: AbortSignal,
): Promise<Service> {
  const lacking = settings.kafka ? [] : parts.filter((part) => OF_BROKER.includes(part));
  if (lacking.length > 0)
    throw new SettingsError(`A setting is wrong:\n  KAFKA_BROKERS is needed to start ${lacking.join(', ')}`);
  const database = await openDatabase(settings, log);
  const lost = new Promise<Error>((resolve) => database.onLost(resolve));
  const closing: (() => Promise<void>)[] = [() => database.close()];
  const workers: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const close of closing.splice(0).toReversed())
      await close().catch((error: unknown) => log.error({ err: error }, 'could not stop cleanly'));
  };
  try {
    const context = await createAppContext(database, settings, log);
    closing.push(() => context.close());
    closing.push(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
    const work = async (starting: Promise<{ stop(): Promise<void> }>) => void workers.push(await starting);
    const { broker, models, readiness, registry, jobs, store } = context;
    if (parts.includes('projector'))
      workers.push(startJobs(jobs, store.pool, { databaseUrl: database.url, settings }, log));
    if (parts.includes('api') || parts.includes('projector'))
      readiness.add('read models', async () => tooOld(await models.lag(store)));
    if (parts.includes('projector')) await work(startTiles(context, log));
    // Without a broker the projector starts first, so that places of a gazetteer are seen soon.
    if (!broker && parts.includes('projector')) await work(startProjector(context, log));
    if (settings.gazetteerFile) await loadGazetteer(settings.gazetteerFile, context.register, log);
    const server: ApiServer | HealthServer = parts.includes('api')
      ? await startApi(context, { host: settings.host, port: settings.port ?? API_PORT }, log)
      : await startHealthServer(readiness, registry, { host: settings.host, port: settings.port ?? 0 });
    closing.push(() => server.close());
    if (broker && parts.some((part) => part !== 'api')) {
      await untilTopics(broker, store.shards, log, signal);
      // Some brokers do not permit the look-up.
      for (const warning of await clockWarnings(broker.kafka, broker.topics).catch(() => []))
        log.warn(warning);
      const withBroker = { ...context, broker };
      if (parts.includes('relay')) await work(startRelay(withBroker, log));
      if (parts.includes('projector')) await work(startProjector(withBroker, log));
      if (parts.includes('recorder')) await work(startRecorder(withBroker, log));
    }
    return { context, url: server.url, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Beyond these limits a process is alive, but not ready: its answers are too old. */
const MAX_LAG_EVENTS = 100_000;
const MAX_LAG_SECONDS = 60;

function tooOld(shards: readonly ShardLag[]): string | undefined {
  const behind = shards.filter(({ lag }) => lag.events > MAX_LAG_EVENTS || lag.seconds > MAX_LAG_SECONDS);
  return behind.length === 0 ? undefined : `behind in ${behind.length} of ${shards.length} shards`;
}

const TOPICS_RETRY_MS = 1000;

/** Waits until the broker is there and has the topics. @throws TopicMismatch */
async function untilTopics(
  { kafka, topics }: Broker,
  shards: number,
  log: Logger,
  signal?: AbortSignal,
): Promise<void> {
  for (let warned = false; ; warned = true) {
    signal?.throwIfAborted();
    try {
      return await ensureTopics(kafka, topics, shards);
    } catch (error) {
      if (error instanceof TopicMismatch) throw error;
      if (!warned) log.warn({ err: error }, 'the broker is away; waiting for it');
      await sleep(TOPICS_RETRY_MS, undefined, { signal });
    }
  }
}

/** Runs until it is asked to stop, or until the service fails. @returns whether it ended as asked */
export async function untilStopped(
  service: Service,
  log: Logger,
  asked: Promise<string> = shutdown().reason,
): Promise<boolean> {
  const reason = await Promise.race([asked, service.lost]);
  if (reason instanceof Error) log.fatal({ err: reason }, 'the database is lost');
  else log.info({ signal: reason }, 'stopping');
  await service.stop();
  return !(reason instanceof Error);
}
