import { signal } from '@preact/signals';
import { language, madeOnce, t } from './language.js';

/** How exact a time is; a day and longer has no time of day. */
export type Precision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const KEPT = 'claimline-zone';

/** Whether times are shown in the zone of the reader's machine; dates of days never move. */
export const isLocal = signal(localStorage.getItem(KEPT) === 'local');

export function showLocal(local: boolean): void {
  isLocal.value = local;
  localStorage.setItem(KEPT, local ? 'local' : 'utc');
}

const DATE: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' };

const MINUTE: Intl.DateTimeFormatOptions = {
  ...DATE,
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
};
const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A time in words as exact as it is known: "November 2025", "21 Nov 2025", "21 Nov 2025, 08:00 UTC". */
export function shownTime(at: string | number | Date, precision: Precision = 'day'): string {
  const date = new Date(at);
  const format = (options: Intl.DateTimeFormatOptions, timeZone = 'UTC') =>
    madeOnce(
      `date ${language.value} ${timeZone} ${JSON.stringify(options)}`,
      () =>
        new Intl.DateTimeFormat(language.value === 'en' ? 'en-GB' : language.value, { ...options, timeZone }),
    );
  switch (precision) {
    case 'year':
      return format({ year: 'numeric' }).format(date);
    case 'month':
      return format({ month: 'long', year: 'numeric' }).format(date);
    case 'day':
      return format(DATE).format(date);
    default:
      return format(MINUTE, isLocal.value ? LOCAL : 'UTC').format(date);
  }
}

/** Whether a moment is the beginning of a day in UTC: of times without a precision, that is a date. */
export const isDay = (at: string | number): boolean => new Date(at).getTime() % 86_400_000 === 0;

interface TimeProps {
  at: string | null | undefined;
  precision?: Precision | undefined;
}

/** A time for people and for programs. Without a precision, the start of a day in UTC is taken for the day. */
export function Time({ at, precision }: TimeProps) {
  if (at == null) return <span class="faint">{t('time.none')}</span>;
  return <time dateTime={at}>{shownTime(at, precision ?? (isDay(at) ? 'day' : 'minute'))}</time>;
}
