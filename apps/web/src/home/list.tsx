import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { query, setQuery } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import { shownTime } from '../language/dates.js';
import { maybe, t } from '../language/language.js';
import { Announced } from '../live/announced.js';
import { connection } from '../live/live.js';
import { lazy } from '../shell/lazy.js';
import { StatusWord } from '../look/status-mark.js';
import { ClaimsLine } from './claims-line.js';
import { FACETS, ORDERS, orderOf } from './filter.js';
import { useHome } from './home-data.js';
import type { Row } from './rows.js';

const PAGE = 100;

const NearNames = lazy(() => import('./near-names.js').then((one) => one.NearNames), 'reading');

/** The list is the map's equal: the same places, the same count. */
export function PlaceList() {
  const { list, more, total, problem, places } = useHome();
  // Of a step of the history, or a page loaded again, as many as there were.
  const shown = useSignal<number>((history.state as { shown?: number } | null)?.shown ?? PAGE);
  const asked = useComputed(() => JSON.stringify(only(query.value, [...FACETS, 'q', 'order', 'asOf'])));
  const before = useRef(asked.peek());
  useSignalEffect(() => {
    if (before.current !== asked.value) shown.value = PAGE;
    before.current = asked.value;
  });
  const { count, withoutPosition = 0, reported = 0 } = total.value ?? {};
  const isLoading = places.isWaiting.value && list.value.length === 0;
  // More of what is there, or of what the service has.
  const left = list.value.length - shown.value;
  const showMore = () => {
    shown.value += PAGE;
    history.replaceState({ ...history.state, shown: shown.value }, '');
    if (left <= PAGE) more.value?.();
  };
  const orders = places.isMany.value ? ORDERS.filter((order) => order !== 'said') : ORDERS;
  return (
    <section aria-labelledby="places-count">
      <div class="list-head">
        <h2 id="places-count" aria-live="polite">
          {isLoading
            ? t('shell.loading')
            : count === undefined
              ? t('list.title')
              : t('list.count', { n: count })}
        </h2>
        <label class="small">
          {t('list.order')}{' '}
          <select
            value={orderOf(query.value)}
            onChange={({ currentTarget }) => setQuery({ order: currentTarget.value }, { replace: true })}
          >
            {orders.map((order) => (
              <option value={order}>{t(`order.${order}`)}</option>
            ))}
          </select>
        </label>
      </div>
      <div class="list-notes small faint">
        {withoutPosition > 0 && <WithoutPosition count={withoutPosition} />}
        {reported > 0 && <span>{t('list.reported-position', { n: reported })}</span>}
      </div>
      <Live />
      {count === 0 && !isLoading && problem.value === undefined && (
        <>
          <p class="note">{t(query.value['knownAt'] === undefined ? 'list.none' : 'list.none-known')}</p>
          {query.value['q'] !== undefined && <NearNames />}
        </>
      )}
      <ol class="places">
        {list.value.slice(0, shown.value).map((row) => (
          <PlaceItem key={row.id} row={row} />
        ))}
      </ol>
      {(left > 0 || more.value !== undefined) && (
        <button type="button" onClick={showMore}>
          {t('list.more', { n: left > 0 ? Math.min(PAGE, left) : PAGE })}
        </button>
      )}
    </section>
  );
}

const MOST_WITHOUT = 200;

/** What the map cannot show: how many, and by name those of the list. */
function WithoutPosition({ count }: { count: number }) {
  const rows = useHome().list.value.filter(({ position }) => position === null);
  return (
    <details>
      <summary>{t('list.without-position', { n: count })}</summary>
      <p>
        {rows.slice(0, MOST_WITHOUT).map(({ id, name, region }, at) => (
          <>
            {at > 0 && ' · '}
            <Link to={{ view: 'place', id }}>
              <bdi>{name}</bdi>
            </Link>
            {region !== null && (
              <>
                {' '}
                (<bdi>{region}</bdi>)
              </>
            )}
          </>
        ))}
        {count > Math.min(rows.length, MOST_WITHOUT) && ' …'}
      </p>
    </details>
  );
}

function PlaceItem({ row }: { row: Row }) {
  const { hovered } = useHome();
  return (
    <li
      class="place"
      onMouseEnter={() => (hovered.value = row.id)}
      onMouseLeave={() => (hovered.value = undefined)}
    >
      <span class="place-head">
        <Link to={{ view: 'place', id: row.id }} class="place-name">
          <bdi>{row.name}</bdi>
        </Link>
        <StatusWord status={row.status} />
      </span>
      {row.claims.length > 0 && (
        <span class="place-claims small">
          <ClaimsLine claims={row.claims} />
        </span>
      )}
      <span class="small faint">
        {[
          row.since !== null && t('list.since', { date: shownTime(row.since) }),
          row.lastSaid !== null && t('list.last-said', { date: shownTime(row.lastSaid) }),
          row.flags.map((flag) => maybe(`flag.${flag}`) ?? flag).join(', '),
          row.position === null && t('list.no-position'),
          row.isReported && t('list.reported'),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  );
}

/** Says what is new at the upper edge of the list, where it moves nothing. */
function Live() {
  const { places } = useHome();
  const { isPaused, news } = places;
  if (connection.value === 'off') return null;
  const state = isPaused.value ? 'paused' : connection.value;
  const told = news.value.size > 0 ? t('list.news', { n: news.value.size }) : '';
  return (
    <div class="live-line small">
      <span class={`live live-${state}`}>{t(`live.${state}`)}</span>
      <button type="button" class="plain" onClick={() => (isPaused.value = !isPaused.value)}>
        {t(isPaused.value ? 'live.go-on' : 'clock.pause')}
      </button>
      {told !== '' && (
        <button type="button" class="news" onClick={() => places.refresh()}>
          {told}
        </button>
      )}
      <Announced text={told} />
    </div>
  );
}
