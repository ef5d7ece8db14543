import { query, setQuery } from '../address/address.js';
import { dateOf } from '../language/days.js';
import { Time } from '../language/dates.js';
import { t } from '../language/language.js';
import { daysTo, lengthOf, moved, type Span, spanOf } from './span.js';

const LENGTHS = { day: 1, week: 7 } as const;

/** Which days are shown. @param newest the day of the first change that is shown: a day or a week begins there */
export function SpanButtons({ newest }: { newest: string | undefined }) {
  const span = spanOf(query.value);
  const length = lengthOf(span);
  const today = dateOf(Date.now());
  const show = ({ from, to }: Span) => setQuery({ from, to });
  return (
    <div class="span-buttons no-print" role="group" aria-label={t('changes.days')}>
      {(['day', 'week'] as const).map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={length === LENGTHS[name]}
          onClick={() => show(daysTo(span.to ?? newest ?? today, LENGTHS[name]))}
        >
          {t(`changes.${name}`)}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={span.from === undefined && span.to === undefined}
        onClick={() => show({ from: undefined, to: undefined })}
      >
        {t('changes.all')}
      </button>
      <button type="button" disabled={length === undefined} onClick={() => show(moved(span, -1))}>
        {t('changes.earlier')}
      </button>
      <button
        type="button"
        disabled={length === undefined || span.to! >= today}
        onClick={() => show(moved(span, 1))}
      >
        {t('changes.later')}
      </button>
      <button type="button" onClick={() => show(daysTo(today, length ?? 1))}>
        {t('changes.today')}
      </button>
      {length !== undefined && (
        <span class="span-shown">
          <Time at={span.from} precision="day" />
          {length > 1 && (
            <>
              {' – '}
              <Time at={span.to} precision="day" />
            </>
          )}
        </span>
      )}
    </div>
  );
}
