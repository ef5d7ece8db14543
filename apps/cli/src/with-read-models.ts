import type { Settings } from '#libs/platform';
import { openGeneration } from '#libs/projection';
import { openReadModels, type OpenReadModels } from '#libs/queries';
import { type OpenedLog, withLog, type WithLogOptions } from './with-log.js';

/** As `withLog`, with the read models. @throws where they have to be rebuilt first */
export const withReadModels = <T>(
  settings: Settings,
  options: Pick<WithLogOptions, 'level' | 'signal'>,
  run: (opened: OpenedLog, models: OpenReadModels) => Promise<T>,
): Promise<T> =>
  withLog(settings, options, async (opened) => {
    const { store, rulesets, pools, log } = opened;
    const generation = await openGeneration(store.pool, rulesets, settings, log, 'read');
    const read = openReadModels(pools.openReaders(), generation, store, log);
    try {
      return await run(opened, read);
    } finally {
      await read.waiter.close();
    }
  });
