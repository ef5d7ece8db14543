import type { State } from '../api/answers.js';
import type { Change } from '../api/reading-answers.js';
import type { Span } from './span.js';

/** What the list shows, and of what it is a list. */
export interface Listed {
  items: readonly Pick<Change, 'id' | 'at'>[];
  hasMore: boolean;
  span: Span;
  statuses: readonly string[];
  side: string | undefined;
}

/**
 * Whether a state that has come is a change that the list would show and does not. Changes that are older than the list goes
 * back are none of it.
 */
export function isNews(
  { id, since, status, control }: Pick<State, 'id' | 'since' | 'status' | 'control'>,
  { items, hasMore, span, statuses, side }: Listed,
): boolean {
  if (since === null || items.some((one) => one.id === id && one.at === since)) return false;
  const day = since.slice(0, 10);
  if ((span.from !== undefined && day < span.from) || (span.to !== undefined && day > span.to)) return false;
  if (hasMore && items.length > 0 && since < items.at(-1)!.at) return false;
  if (statuses.length > 0 && !statuses.includes(status)) return false;
  return side === undefined || control.some(({ holder }) => holder === side);
}
