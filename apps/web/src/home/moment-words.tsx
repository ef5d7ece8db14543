import { query } from '../address/address.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';

/** The moment that is shown, with the second clock where it is set: so a picture of the page says it too. */
export function MomentWords() {
  const { asOf, knownAt } = query.value;
  return (
    <>
      {asOf === undefined ? t('clock.now') : inWords('clock.as-of', asOf)}
      {knownAt !== undefined && <> · {inWords('clock.known-at', knownAt)}</>}
    </>
  );
}

/** A date is the end of that day; a permanent address has no end of what was said. */
function inWords(id: 'clock.as-of' | 'clock.known-at', at: string): string {
  if (at >= '9999') return t('clock.all-said');
  const isDay = at.length === 10 || at.endsWith('T23:59:59.999Z');
  return isDay ? t(id, { date: shownTime(at) }) : t(`${id}-time`, { date: shownTime(at, 'minute') });
}
