import { query, setQuery } from '../address/address.js';
import { Link } from '../address/link.js';
import { t } from '../language/language.js';
import { dateOf } from '../language/days.js';
import { placeId, usePlace } from './place-data.js';

/** The last moment before another one. */
const justBefore = (at: string): string => new Date(Date.parse(at) - 1).toISOString();

/** The moment that is looked at: the state as of a day, as known on a day, and a step to compare it with another one. */
export function Moment() {
  const { state } = usePlace();
  const { data } = state.value;
  const { asOf, knownAt } = query.value;
  const isPast = asOf !== undefined || knownAt !== undefined;
  const id = placeId();
  const day = (name: 'asOf' | 'knownAt', value: string | undefined) => (
    <label>
      {t(`moment.${name}`)}{' '}
      <input
        type="date"
        value={value !== undefined && value < '9999' ? value.slice(0, 10) : ''}
        max={dateOf(Date.now())}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <section class="moment small no-print row" aria-label={t('moment.label')}>
      <details open={isPast}>
        <summary>{t('moment.label')}</summary>
        <p>{t('clock.known-why')}</p>
        <div class="row">
          {day('asOf', asOf)}
          {day('knownAt', knownAt)}
        </div>
      </details>
      <div class="row">
        {isPast && (
          <button
            type="button"
            onClick={() => setQuery({ asOf: undefined, knownAt: undefined, ruleset: undefined })}
          >
            {t('moment.now')}
          </button>
        )}
        {id !== undefined && data !== undefined && (
          <Link
            to={{ view: 'place-compare', id }}
            query={{
              asOf: undefined,
              knownAt: undefined,
              a: data.since === null ? undefined : justBefore(data.since),
              b: isPast ? [asOf, knownAt].join('@').replace(/@$/, '') : 'now',
            }}
          >
            {t('moment.compare')}
          </Link>
        )}
      </div>
    </section>
  );
}
