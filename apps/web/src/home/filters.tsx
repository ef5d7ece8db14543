import { signal, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { query, setQuery } from '../address/address.js';
import { STATUSES } from '../api/answers.js';
import { maybe, t } from '../language/language.js';
import { StatusMark } from '../look/status-mark.js';
import { type Counts, type Facet, FACETS } from './filter.js';
import { useHome } from './home-data.js';
import { partyName } from '../language/parties.js';

const TYPING_MS = 200;
/** Where there is room, all filters are shown. */
const wide = matchMedia('(min-width: 48rem)');
const isWide = signal(wide.matches);
wide.addEventListener('change', () => (isWide.value = wide.matches));
const NAMES = ['q', ...FACETS] as const;

export function Filters() {
  const { counts, filter } = useHome();
  const isFiltered = NAMES.some((name) => query.value[name] !== undefined);
  const toggle = (status: string) => {
    const chosen = new Set(filter.value.statuses);
    if (!chosen.delete(status)) chosen.add(status);
    setQuery({ status: [...chosen].join(',') });
  };
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search />
      <details
        class="more small"
        open={isWide.value || FACETS.some((name) => query.value[name] !== undefined)}
      >
        <summary>{t('filter.more')}</summary>
        <fieldset class="statuses">
          <legend class="unseen">{t('filter.status')}</legend>
          {STATUSES.map((status) => {
            const count = counts.value.status.find(({ value }) => value === status)?.count ?? 0;
            const isChosen = filter.value.statuses.has(status);
            return (
              <button
                type="button"
                class="status-choice"
                aria-pressed={isChosen}
                disabled={count === 0 && !isChosen}
                onClick={() => toggle(status)}
              >
                <StatusMark status={status} size={14} /> {t(`status.${status}`)}{' '}
                <span class="count">{count}</span>
              </button>
            );
          })}
        </fieldset>
        <div class="row">
          <Choice facet="side" counts={counts.value.side} name={partyName} />
          <Choice facet="flag" counts={counts.value.flag} name={(flag) => maybe(`flag.${flag}`) ?? flag} />
          <Choice facet="region" counts={counts.value.region} name={(region) => region} />
          {isFiltered && (
            <button
              type="button"
              class="plain"
              onClick={() => setQuery(Object.fromEntries(NAMES.map((name) => [name, undefined])))}
            >
              {t('filter.clear')}
            </button>
          )}
        </div>
      </details>
    </form>
  );
}

function Search() {
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal(query.value['q'] ?? '');
  // Back and forward change the address, not the field.
  useSignalEffect(() => {
    const asked = query.value['q'] ?? '';
    if (document.activeElement !== input.current) text.value = asked;
  });
  useSignalEffect(() => {
    const { value } = text;
    const timer = setTimeout(() => setQuery({ q: value.trim() }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <label class="search">
      <span class="unseen">{t('filter.search')}</span>
      <input
        ref={input}
        type="search"
        placeholder={t('filter.search')}
        maxLength={200}
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value)}
      />
    </label>
  );
}

interface ChoiceProps {
  facet: Exclude<Facet, 'status'>;
  counts: Counts;
  name: (value: string) => string;
}

/** One value of a facet, or all. */
function Choice({ facet, counts, name }: ChoiceProps) {
  const chosen = query.value[facet] ?? '';
  const isKnown = chosen === '' || counts.some(({ value }) => value === chosen);
  return (
    <label>
      <span class="unseen">{t(`filter.${facet}`)}</span>
      <select value={chosen} onChange={({ currentTarget }) => setQuery({ [facet]: currentTarget.value })}>
        <option value="">{t(`filter.${facet}-all`)}</option>
        {!isKnown && <option value={chosen}>{name(chosen)} (0)</option>}
        {counts.map(({ value, count }) => (
          <option value={value}>
            {name(value)} ({count})
          </option>
        ))}
      </select>
    </label>
  );
}
