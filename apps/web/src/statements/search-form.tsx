import { query, setQuery } from '../address/address.js';
import { PREDICATES, STANCES } from '../api/place-answers.js';
import { parties, partyName } from '../language/parties.js';
import { type MessageId, t } from '../language/language.js';
import { OUTCOMES } from '../speakers/outcome-rows.js';
import { FILTERS, hasSource } from './question.js';

/** The filters; each takes effect when it is left, or by the Enter key. */
export function SearchForm() {
  return (
    <form class="search no-print" role="search" onSubmit={(event) => event.preventDefault()}>
      <Field name="text" />
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
      {hasSource(query.value) && (
        <>
          <Choice name="outcome" values={OUTCOMES} />
          <Choice name="position" values={['for', 'against']} texts="outcomes" />
        </>
      )}
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

interface Choices {
  name: 'stance' | 'predicate' | 'outcome' | 'position';
  values: readonly string[];
  /** Where the texts of the values are. */
  texts?: string;
}

function Choice({ name, values, texts = name }: Choices) {
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
            {t(`${texts}.${value}` as MessageId)}
          </option>
        ))}
      </select>
    </label>
  );
}
