import { type Logger, openExisting, Pools, type Settings, type Waiting } from '#libs/platform';

/**
 * The pools of a verb, once the database has a connection for it. While others have all of them it waits, and says so on standard
 * error, whatever is logged.
 * @param database finds the database (default: one that exists)
 * @param signal ends the wait
 * @throws as `openExisting`; where there is no connection for another reason; the signal's reason
 */
export async function openPools(
  settings: Settings,
  log: Logger,
  { database = openExisting, signal }: { database?: typeof openExisting; signal?: AbortSignal },
): Promise<Pools> {
  const waiting: Waiting = { signal, onWaiting: (why) => process.stderr.write(`${why}: waiting for one\n`) };
  const pools = new Pools(await database(settings, log, waiting), log);
  try {
    await pools.waitForSlot(waiting);
    return pools;
  } catch (error) {
    await pools.close();
    throw error;
  }
}
