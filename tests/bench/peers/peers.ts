import type { Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { batches } from './batches.js';
import { reading } from './reading.js';
import { singles } from './singles.js';
import { prepareStores } from './stores.js';

/** Emmett and message-db beside ours: one server, the same events, in turns. They are installed at the first time. */
export async function peers(ground: Ground): Promise<Figure[]> {
  const stores = await prepareStores(ground);
  const figures: Figure[] = [];
  for (const measure of [batches, singles, reading]) figures.push(...(await measure(ground, stores)));
  await stores.drop();
  return figures;
}
