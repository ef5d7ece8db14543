import type { Query } from '../address/query.js';
import { shownTime } from '../language/dates.js';
import { ALL_SAID } from '../language/days.js';
import { t } from '../language/language.js';

/** Which moment a query shows, in words: nothing where it is the present. */
export const momentWords = ({ asOf, knownAt }: Query): string[] => [
  ...(asOf === undefined || asOf >= ALL_SAID ? [] : [t('clock.as-of', { date: shownTime(asOf) })]),
  ...(knownAt === undefined ? [] : [t('clock.known-at', { date: shownTime(knownAt, 'minute') })]),
];
