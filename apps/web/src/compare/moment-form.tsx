import { query, setQuery } from '../address/address.js';
import { dateOf } from '../language/days.js';
import { t } from '../language/language.js';
import { momentText, pointOf } from './moments.js';

/** The two moments, each with both its times. */
export function MomentForm() {
  const swap = () => setQuery({ a: query.value['b'] ?? 'now', b: query.value['a'] });
  return (
    <form class="compare-form no-print" onSubmit={(event) => event.preventDefault()}>
      <MomentFields which="a" />
      <MomentFields which="b" />
      <button type="button" onClick={swap}>
        {t('compare.swap')}
      </button>
    </form>
  );
}

function MomentFields({ which }: { which: 'a' | 'b' }) {
  const text = query.value[which];
  const point = pointOf(text);
  return (
    <fieldset>
      <legend>{t(`compare.${which}`)}</legend>
      {(['asOf', 'knownAt'] as const).map((name) => (
        <label key={name}>
          {t(`moment.${name}`)}{' '}
          <input
            type="date"
            max={dateOf(Date.now())}
            value={point[name] !== undefined && point[name] < '9999' ? point[name].slice(0, 10) : ''}
            onChange={({ currentTarget }) =>
              setQuery({ [which]: momentText({ ...point, [name]: currentTarget.value || undefined }) })
            }
          />
        </label>
      ))}
      {text !== undefined && text !== 'now' && (
        <button type="button" class="plain" onClick={() => setQuery({ [which]: 'now' })}>
          {t('moment.now')}
        </button>
      )}
    </fieldset>
  );
}
