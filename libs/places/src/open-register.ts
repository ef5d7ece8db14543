import type { EventStore } from '#libs/log';
import type { Logger } from '#libs/platform';
import { refold } from './refolding.js';
import { Register } from './register.js';

/** The register of the places in the log, with names folded as this version folds them. @throws as `refold` */
export async function openRegister(store: EventStore, log: Logger): Promise<Register> {
  const refolded = await refold(store.pool, {
    onProgress: (done, total) => log.info({ done, total }, 'names of the register are being folded again'),
  });
  if (refolded > 0)
    log.info(
      { places: refolded },
      'names are compared in a new way from now on; read models with an older layout have to be rebuilt',
    );
  return new Register(store);
}
