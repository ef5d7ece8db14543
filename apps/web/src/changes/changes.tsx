import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { clock, query, setQuery } from '../address/address.js';
import { only } from '../address/query.js';
import { STATUSES } from '../api/answers.js';
import type { Change } from '../api/reading-answers.js';
import { shownTime, Time } from '../language/dates.js';
import { t } from '../language/language.js';
import { missed } from '../live/live.js';
import { ProblemNote } from '../look/problem.js';
import { partyName, parties } from '../language/parties.js';
import { usePages } from '../api/pages.js';
import { useTitle } from '../address/title.js';
import { citedView } from '../take/bookmark.js';
import { FixedNote } from '../take/fixed-note.js';
import { TakePanel } from '../take/take-panel.js';
import { ChangeEntry } from './change-entry.js';
import { NewsNote } from './news-note.js';
import { byDay, type Span, spanOf } from './span.js';
import { SpanButtons } from './span-buttons.js';
import '../saying/statement.css';
import './changes.css';

/** What changed in a day or a week, newest first, as a text to read. */
export function Changes() {
  useTitle(() => t('nav.changes'));
  const asked = useSignal(0);
  const span = useComputed(() => spanOf(query.value));
  // As known then, or by another ruleset, the API folds place by place, and has no order by time.
  const isFolded = useComputed(
    () => clock.value['knownAt'] !== undefined || clock.value['ruleset'] !== undefined,
  );
  const filter = () => ({ ...only(query.value, ['status', 'side', 'knownAt', 'ruleset']), ...span.value });
  const question = () => ({
    path: 'v1/changes',
    query: { ...filter(), statement: 'true', ...(isFolded.value ? { limit: '500' } : { order: 'newest' }) },
  });
  const pages = usePages<Change>(question, () => [asked.value, missed.value]);
  // Which are the newest is known only when all places are.
  useSignalEffect(() => {
    if (isFolded.value && pages.hasMore.value && !pages.isWaiting.value && pages.problem.value === undefined)
      void pages.more();
  });
  const items = useComputed(() =>
    isFolded.value ? pages.items.value.toSorted(newestFirst) : pages.items.value,
  );
  const isWaiting = pages.isWaiting.value;
  return (
    <div class="read changes" aria-busy={isWaiting}>
      <h1>{t('changes.title')}</h1>
      <FixedNote />
      <SpanButtons newest={items.value[0]?.at.slice(0, 10)} />
      <Filters />
      <NewsNote
        listed={() => ({
          items: items.value,
          hasMore: pages.hasMore.value,
          span: span.value,
          statuses: query.value['status']?.split(',') ?? [],
          side: query.value['side'],
        })}
        show={() => asked.value++}
      />
      <ProblemNote problem={pages.problem.value} />
      {isFolded.value && pages.hasMore.value && <p class="note">{t('changes.folded')}</p>}
      {!isWaiting &&
        items.value.length === 0 &&
        !pages.hasMore.value &&
        pages.problem.value === undefined && <p class="note">{t('changes.none')}</p>}
      {byDay(items.value).map(({ day, items: ofDay }) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`}>
            <Time at={day} precision="day" />
          </h2>
          {ofDay.map((change) => (
            <ChangeEntry key={`${change.id} ${change.at}`} change={change} />
          ))}
        </section>
      ))}
      {pages.hasMore.value && (
        <button type="button" class="more" disabled={isWaiting} onClick={() => void pages.more()}>
          {t('changes.more')}
        </button>
      )}
      <TakePanel
        cited={() => citedView('changes', titleOf(span.value), { ...span.value, asOf: undefined })}
        files={[{ name: t('nav.changes'), path: 'v1/exports/changes', query: filter() }]}
        api={[{ name: t('nav.changes'), ...question() }]}
      />
    </div>
  );
}

/** In the order of the service, where it has one. */
const newestFirst = (a: Change, b: Change) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1);

const titleOf = ({ from, to }: Span): string =>
  [t('changes.title'), [from, to].map((day) => (day === undefined ? '' : shownTime(day))).join(' – ')]
    .filter((part) => part !== ' – ')
    .join(', ');

function Filters() {
  return (
    <div class="row no-print">
      <label>
        {t('changes.status')}{' '}
        <select
          value={query.value['status'] ?? ''}
          onChange={({ currentTarget }) => setQuery({ status: currentTarget.value })}
        >
          <option value="">{t('changes.any')}</option>
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('filter.side')}{' '}
        <select
          value={query.value['side'] ?? ''}
          onChange={({ currentTarget }) => setQuery({ side: currentTarget.value })}
        >
          <option value="">{t('filter.side-all')}</option>
          {(parties.value?.sides ?? []).map(({ id }) => (
            <option key={id} value={id}>
              {partyName(id)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
