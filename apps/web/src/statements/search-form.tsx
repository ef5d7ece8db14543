import { query, setQuery } from '../address/address.js';
import { PREDICATES, STANCES } from '../api/place-answers.js';
import { parties, partyName } from '../language/parties.js';
import { type MessageId, t } from '../language/language.js';
import { FILTERS } from './question.js';

/** The filters; each takes effect when it is left, or by the Enter key. */
export function SearchForm() {
  return (
    <form class="search no-print" role="search" onSubmit={(event) => event.preventDefault()}>
      <Field name="speaker" />
      <Field name="party" list="party-names" />
      <datalist id="party-names">
        {(parties.value?.items ?? []).map(({ id }) => (
          <option key={id} value={id}>
            {partyName(id)}
          </option>
        ))}
      </datalist>
      <Field name="outlet" />
      <Field name="url" type="url" />
      <Choice name="stance" values={STANCES} />
      <Choice name="predicate" values={PREDICATES} />
      <Field name="from" type="date" />
      <Field name="to" type="date" />
      {FILTERS.some((name) => query.value[name] !== undefined) && (
        <button
          type="button"
          class="plain"
          onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
        >
          {t('filter.clear')}
        </button>
      )}
    </form>
  );
}

type Name = (typeof FILTERS)[number];

function Field({ name, ...rest }: { name: Name; type?: 'url' | 'date'; list?: string }) {
  const value = query.value[name] ?? '';
  return (
    <label class="field">
      <span>{t(`statements.${name}`)}</span>
      <input
        {...rest}
        value={rest.type === 'date' ? value.slice(0, 10) : value}
        maxLength={name === 'url' ? 2048 : 200}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value.trim() })}
      />
    </label>
  );
}

function Choice({ name, values }: { name: 'stance' | 'predicate'; values: readonly string[] }) {
  return (
    <label class="field">
      <span>{t(`statements.${name}`)}</span>
      <select
        value={query.value[name] ?? ''}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">{t('changes.any')}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {t(`${name}.${value}` as MessageId)}
          </option>
        ))}
      </select>
    </label>
  );
}
