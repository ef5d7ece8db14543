import type { BitemporalPoint, LocationState } from '#libs/domain';
import { listPast, MAX_FOLDED_PLACES } from '../as-of/list-as-of.js';
import type { LocationFilter } from '../place-filter.js';
import type { ReadTransaction } from '../read-models.js';

/** The question needs more places than may be folded, or shown, at once. */
export type TooMany = 'too-many';

/**
 * All states of a past moment, by id.
 * @param most how many may be found; about as many places are folded to find them
 * @param of what is kept of a state: states of thousands of places are large
 */
export async function statesAt<T>(
  tx: ReadTransaction,
  filter: LocationFilter,
  point: BitemporalPoint,
  most: number,
  of: (state: LocationState) => T,
): Promise<T[] | TooMany> {
  const found: T[] = [];
  let cursor: string | undefined;
  for (let folded = 0; folded <= most; folded += MAX_FOLDED_PLACES) {
    const page = await listPast(tx, filter, point, { limit: MAX_FOLDED_PLACES, ...(cursor && { cursor }) });
    if (page === 'cursor-invalid') throw new Error('the list did not take its own cursor');
    for (const state of page.items) found.push(of(JSON.parse(state) as LocationState));
    if (found.length > most) return 'too-many';
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
  return 'too-many';
}
