import { rebuild } from '#libs/read-models';
import { createLogger, openDatabase, type Settings } from '#libs/platform';
import { layFoundation, readRuleset, rulesetOf } from './foundation.js';
import { progressBar } from './progress-bar.js';

/** `claimline rebuild`: the read models from the log, anew, under the present ruleset file. The service must be stopped. */
export async function rebuildModels(settings: Settings): Promise<void> {
  const log = createLogger('error', 'stderr');
  const file = await readRuleset(settings.rulesetFile);
  const database = await openDatabase(settings, log);
  const bar = progressBar('rebuild', 'events');
  try {
    const foundation = await layFoundation(database, settings, log);
    try {
      const { events, seconds } = await rebuild(foundation.pools.project, foundation.store, rulesetOf(file), { onProgress: ({ phase, done, total }) => bar.update(done, total, phase) });
      bar.end();
      process.stdout.write(`${events} events folded in ${seconds.toFixed(1)} s under ruleset ${file.version}\n`);
    } finally {
      await foundation.close();
    }
  } finally {
    bar.end();
    await database.close();
  }
}
