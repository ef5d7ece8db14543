import type { Query } from '../address/query.js';
import { shownTime } from './dates.js';
import { ALL_SAID } from './days.js';
import { t } from './language.js';

/** A date means its end. */
const isDate = (at: string): boolean => at.length === 10 || at.endsWith('T23:59:59.999Z');
const shown = (at: string): string => shownTime(at, isDate(at) ? 'day' : 'minute');

/** Which moment a query shows, in words: nothing where it is the present. */
export const momentWords = ({ asOf, knownAt }: Query): string[] => [
  ...(asOf === undefined || asOf >= ALL_SAID
    ? []
    : [t(isDate(asOf) ? 'clock.as-of' : 'clock.at', { date: shown(asOf) })]),
  ...(knownAt === undefined ? [] : [t('clock.known-at', { date: shown(knownAt) })]),
];
