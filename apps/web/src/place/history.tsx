import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { clock, query, setQuery } from '../address/address.js';
import type { State } from '../api/answers.js';
import type { Interval } from '../api/place-answers.js';
import { Time } from '../language/dates.js';
import { listed, t } from '../language/language.js';
import { partyName } from '../language/parties.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { StatusWord } from '../look/status-mark.js';
import { Band } from './band-view.js';
import { intervalAt, momentOf } from './band.js';
import { precisionAt } from './exactness.js';
import { placePath, usePlace } from './place-data.js';
import { usePages } from '../api/pages.js';
import './band.css';

const PAGE = '500';
/** Of the band; a longer history is read on in the table. */
const MOST = 2000;
const FIRST_ROWS = 12;

/** The question for the history: without asOf, so that it goes on after the moment looked at. */
export function historyQuestion() {
  const path = placePath('/history');
  const { asOf: _, ...point } = clock.value;
  return path === undefined ? undefined : { path, query: point };
}

/** How the place came to its state: intervals as a band and as a table. A click shows that moment. */
export function History({ state }: { state: State }) {
  const { asked, details } = usePlace();
  const history = usePages<Interval>(
    () => {
      const question = historyQuestion();
      return question && { ...question, query: { ...question.query, limit: PAGE } };
    },
    () => [asked.value, missed.value],
  );
  useSignalEffect(() => {
    if (history.hasMore.value && !history.isWaiting.value && history.items.value.length < MOST)
      void history.more();
  });
  const rows = useSignal(FIRST_ROWS);
  const newestFirst = useComputed(() => history.items.value.toReversed());
  const current = useComputed(() => history.items.value[intervalAt(history.items.value, state.asOf)]);
  if (history.items.value.length === 0 && history.problem.value === undefined) return null;
  const show = (interval: Interval) => setQuery({ asOf: momentOf(interval) });
  const exactly = (at: string) => precisionAt(at, details.value.values());
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">{t('history.title')}</h2>
      <ProblemNote problem={history.problem.value} />
      <Band
        intervals={history.items.value}
        current={current.value}
        asOf={state.asOf}
        knownAt={state.knownAt}
        exactly={exactly}
        onShow={show}
      />
      <div class="scroll" tabIndex={0} role="region" aria-label={t('history.table')}>
        <table class="history">
          <caption class="unseen">{t('history.table')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('history.from')}</th>
              <th scope="col">{t('history.to')}</th>
              <th scope="col">{t('filter.status')}</th>
              <th scope="col">{t('history.holders')}</th>
              <th scope="col" class="no-print">
                {t('history.moment')}
              </th>
            </tr>
          </thead>
          <tbody>
            {newestFirst.value.slice(0, rows.value).map((interval) => {
              const isCurrent = interval === current.value;
              return (
                <tr key={interval.from} aria-current={isCurrent ? 'true' : undefined}>
                  <td>
                    <Time at={interval.from} precision={exactly(interval.from)} />
                  </td>
                  <td>
                    {interval.to === null ? (
                      t('history.lasts')
                    ) : (
                      <Time at={interval.to} precision={exactly(interval.to)} />
                    )}
                  </td>
                  <td>
                    <StatusWord status={interval.status} />
                  </td>
                  <td>
                    <bdi>{listed(interval.holders.map(partyName).toSorted()) || '–'}</bdi>
                  </td>
                  <td class="no-print">
                    {isCurrent ? (
                      t('history.shown')
                    ) : (
                      <button type="button" class="plain" onClick={() => show(interval)}>
                        {t('history.show')}
                        <span class="unseen">
                          {' '}
                          <Time at={interval.from} precision={exactly(interval.from)} />
                        </span>
                      </button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {newestFirst.value.length > rows.value && (
        <p>
          <button type="button" onClick={() => (rows.value += 10 * FIRST_ROWS)}>
            {t('list.more', { n: Math.min(10 * FIRST_ROWS, newestFirst.value.length - rows.value) })}
          </button>
        </p>
      )}
      {query.value['asOf'] !== undefined && <p class="small faint">{t('history.later')}</p>}
    </section>
  );
}
