import { clock, isNow, query, route } from '../address/address.js';
import { Link } from '../address/link.js';
import { t } from '../language/language.js';
import { momentWords } from '../language/moments.js';

/** Says that a view is of a fixed moment, and leads to the present one. */
export function FixedNote() {
  if (isNow.value) return null;
  const { ruleset } = clock.value;
  return (
    <p class="note small">
      {[
        ...momentWords(clock.value),
        ...(ruleset === undefined ? [] : [t('take.by-ruleset', { ruleset })]),
      ].join(' · ')}{' '}
      <Link
        to={route.value}
        query={{ ...query.value, asOf: undefined, knownAt: undefined, ruleset: undefined }}
        class="no-print"
      >
        {t('take.now')}
      </Link>
    </p>
  );
}
