import type { Query } from '../address/query.js';
import { shownTime } from './dates.js';
import { ALL_SAID } from './days.js';
import { t } from './language.js';

/** Which moment a query shows, by both clocks, in words: nothing where it is the present. */
export function momentWords({ asOf, knownAt }: Query): string[] {
  if (asOf === undefined && knownAt === undefined) return [];
  return [
    asOf === undefined ? t('clock.now') : inWords('clock.as-of', asOf),
    ...(knownAt === undefined ? [] : [inWords('clock.known-at', knownAt)]),
  ];
}

/** A date is the end of that day; a permanent address has no end of what was said. */
function inWords(id: 'clock.as-of' | 'clock.known-at', at: string): string {
  if (at >= ALL_SAID) return t('clock.all-said');
  const isDate = at.length === 10 || at.endsWith('T23:59:59.999Z');
  return isDate ? t(id, { date: shownTime(at) }) : t(`${id}-time`, { date: shownTime(at, 'minute') });
}
