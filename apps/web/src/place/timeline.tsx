import { useComputed, useSignalEffect } from '@preact/signals';
import { clock, query, setQuery } from '../address/address.js';
import { only } from '../address/query.js';
import { PREDICATES, STANCES, type Statement } from '../api/place-answers.js';
import { t } from '../language/language.js';
import { parties } from '../language/parties.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { labelsOf } from '../saying/say.js';
import { usePages } from '../api/pages.js';
import { wantsPrint } from '../take/print.js';
import { placePath, usePlace } from './place-data.js';
import { StatementEntry } from '../saying/statement-entry.js';

/** Of the API's timeline: the same in the page's address. */
export const FILTERS = ['stance', 'side', 'predicate', 'from', 'to'] as const;

/** More statements than anybody prints. */
const MOST_PRINTED = 2000;

/** The question for the timeline as the address filters it; newest first unless it says otherwise. */
export function timelineQuestion() {
  const path = placePath('/timeline');
  const order = query.value['order'] === 'asc' ? 'asc' : 'desc';
  return path === undefined
    ? undefined
    : { path, query: { ...only(query.value, FILTERS), order, ...clock.value } };
}

/** Every statement about the place, retracted and voided ones too. */
export function Timeline() {
  const { asked } = usePlace();
  const timeline = usePages<Statement>(timelineQuestion, () => [asked.value, missed.value]);
  useSignalEffect(() => {
    if (!wantsPrint.value || timeline.isWaiting.value) return;
    const isWhole = !timeline.hasMore.value || timeline.problem.value !== undefined;
    if (!isWhole && timeline.items.value.length < MOST_PRINTED) return void timeline.more();
    wantsPrint.value = false;
    // When what has come is shown.
    setTimeout(print);
  });
  const isFiltered = FILTERS.some((name) => query.value[name] !== undefined);
  const { value: items } = timeline.items;
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t('timeline.title')}</h2>
      <TimelineFilters items={items} isFiltered={isFiltered} />
      <ProblemNote problem={timeline.problem.value} />
      {items.length === 0 && !timeline.isWaiting.value && timeline.problem.value === undefined && (
        <p class="note">{t(isFiltered ? 'timeline.none-of-filter' : 'timeline.none')}</p>
      )}
      <ol class="timeline plain-list">
        {items.map((said) => (
          <li key={said.statementId}>
            <StatementEntry said={said} />
          </li>
        ))}
      </ol>
      {timeline.hasMore.value && (
        <button type="button" disabled={timeline.isWaiting.value} onClick={() => void timeline.more()}>
          {t('timeline.more')}
        </button>
      )}
    </section>
  );
}

function TimelineFilters({ items, isFiltered }: { items: readonly Statement[]; isFiltered: boolean }) {
  const { side } = query.value;
  // Sides of the ruleset, and whoever else speaks here.
  const sides = useComputed(() => parties.value?.sides.map(({ id }) => id) ?? []);
  const known = [
    ...new Set([...sides.value, ...items.map((one) => one.speaker.side), ...(side ? [side] : [])]),
  ];
  const labelOf = labelsOf(items);
  const set = (name: string) => (event: { currentTarget: { value: string } }) =>
    setQuery({ [name]: event.currentTarget.value }, { replace: true });
  return (
    <form
      class="row small timeline-filters no-print"
      role="search"
      onSubmit={(event) => event.preventDefault()}
    >
      <label>
        {t('timeline.stance')}{' '}
        <select value={query.value['stance'] ?? ''} onChange={set('stance')}>
          <option value="">{t('timeline.any')}</option>
          {STANCES.map((stance) => (
            <option value={stance}>{t(`stance.${stance}`)}</option>
          ))}
        </select>
      </label>
      <label>
        {t('timeline.side')}{' '}
        <select value={side ?? ''} onChange={set('side')}>
          <option value="">{t('timeline.any')}</option>
          {known.map((one) => (
            <option value={one}>{labelOf(one)}</option>
          ))}
        </select>
      </label>
      <label>
        {t('timeline.predicate')}{' '}
        <select value={query.value['predicate'] ?? ''} onChange={set('predicate')}>
          <option value="">{t('timeline.any')}</option>
          {PREDICATES.map((predicate) => (
            <option value={predicate}>{t(`predicate.${predicate}`)}</option>
          ))}
        </select>
      </label>
      {(['from', 'to'] as const).map((name) => (
        <label key={name}>
          {t(`timeline.${name}`)}{' '}
          <input type="date" value={query.value[name]?.slice(0, 10) ?? ''} onChange={set(name)} />
        </label>
      ))}
      <label>
        {t('list.order')}{' '}
        <select value={query.value['order'] === 'asc' ? 'asc' : ''} onChange={set('order')}>
          <option value="">{t('timeline.newest')}</option>
          <option value="asc">{t('timeline.oldest')}</option>
        </select>
      </label>
      {isFiltered && (
        <button
          type="button"
          class="plain"
          onClick={() =>
            setQuery(Object.fromEntries(FILTERS.map((name) => [name, undefined])), { replace: true })
          }
        >
          {t('filter.clear')}
        </button>
      )}
    </form>
  );
}
