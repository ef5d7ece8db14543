import { once } from 'node:events';
import { startApi, type ApiServer } from '#apps/api/src/server.js';
import { startProjector, type RunningProjector } from '#apps/projector/src/server.js';
import { type Logger, openDatabase, type Settings } from '#libs/platform';
import { loadGazetteer } from './gazetteer.js';
import { layFoundation, type Foundation } from './foundation.js';

export const PARTS = ['api', 'projector'] as const;
export type Part = (typeof PARTS)[number];

export interface Service {
  foundation: Foundation;
  /** Where the API listens, where it runs here. */
  url: string | undefined;
  /** Resolves with the reason when the service cannot go on. */
  lost: Promise<Error>;
  /** Ends requests and streams, then the projector, then the database. */
  stop(): Promise<void>;
}

/** Starts the parts in this process, on the database that the settings name. */
export async function startService(parts: readonly Part[], settings: Settings, log: Logger): Promise<Service> {
  const database = await openDatabase(settings, log);
  const lost = new Promise<Error>((resolve) => database.onLost(resolve));
  const closing: (() => Promise<void>)[] = [() => database.close()];
  const stop = async () => {
    for (const close of closing.toReversed()) await close().catch((error: unknown) => log.error({ err: error }, 'could not stop cleanly'));
  };
  try {
    const foundation = await layFoundation(database, settings, log);
    closing.push(() => foundation.close());
    let projector: RunningProjector | undefined;
    if (parts.includes('projector')) {
      projector = await startProjector(foundation, log);
      closing.push(() => projector!.stop());
    }
    if (settings.gazetteerFile) await loadGazetteer(settings.gazetteerFile, foundation.register, log);
    let api: ApiServer | undefined;
    if (parts.includes('api')) {
      api = await startApi(foundation, settings, log);
      closing.push(() => api!.close());
    }
    return { foundation, url: api?.url, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs until SIGTERM or SIGINT, or until the service cannot go on. @returns whether it ended as asked */
export async function untilStopped(service: Service, log: Logger): Promise<boolean> {
  const asked = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal).then(() => signal)));
  const reason = await Promise.race([asked, service.lost]);
  if (reason instanceof Error) log.fatal({ err: reason }, 'the database is lost');
  else log.info({ signal: reason }, 'stopping');
  await service.stop();
  return !(reason instanceof Error);
}
