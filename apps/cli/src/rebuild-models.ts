import { rebuild } from '#libs/read-models';
import { createLogger, openDatabase, type Settings } from '#libs/platform';
import { openLog } from './open-log.js';
import { progressBar } from './progress-bar.js';
import { readRuleset } from './ruleset-file.js';
import { interrupted } from './stopping.js';

const REBUILDERS = 6;

/** `claimline rebuild`: the read models from the log, anew, under the present ruleset file. The service must be stopped. */
export async function rebuildModels({ json = false }: { json?: boolean }, settings: Settings): Promise<void> {
  const signal = interrupted();
  const log = createLogger('error', 'stderr');
  const ruleset = await readRuleset(settings.rulesetFile);
  const database = await openDatabase(settings, log);
  const bar = progressBar('rebuild', 'events');
  try {
    const { store, rulesets, pool, close } = await openLog(database, settings, log);
    try {
      await rulesets.remember(ruleset.file);
      const onProgress = ({ phase, done, total }: { phase: string; done: number; total: number }) => {
        signal.throwIfAborted();
        bar.update(done, total, phase);
      };
      const { events, seconds } = await rebuild(pool('rebuild', REBUILDERS, 0), store, ruleset, { onProgress });
      bar.end();
      process.stdout.write(json ? `${JSON.stringify({ events, seconds, rulesetVersion: ruleset.version })}\n` : `${events} events folded in ${seconds.toFixed(1)} s under ruleset ${ruleset.version}\n`);
    } finally {
      await close();
    }
  } finally {
    bar.end();
    await database.close();
  }
}
