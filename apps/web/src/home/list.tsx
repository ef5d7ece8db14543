import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { query, setQuery } from '../address/address.js';
import { Link } from '../address/link.js';
import { only } from '../address/query.js';
import { shownTime } from '../language/dates.js';
import { maybe, t } from '../language/language.js';
import { connection } from '../live/live.js';
import { StatusWord } from '../look/status-mark.js';
import { ClaimsLine } from './claims-line.js';
import { FACETS, ORDERS, orderOf } from './filter.js';
import { useHome } from './home-data.js';
import type { Row } from './rows.js';

const PAGE = 100;

/** The list is the map's equal: the same places, the same count. */
export function PlaceList() {
  const { list, more, total, problem, places } = useHome();
  const shown = useSignal(PAGE);
  const asked = useComputed(() => JSON.stringify(only(query.value, [...FACETS, 'q', 'order', 'asOf'])));
  useSignalEffect(() => {
    void asked.value;
    shown.value = PAGE;
  });
  const { count, withoutPosition = 0, reported = 0 } = total.value ?? {};
  const isLoading = places.isWaiting.value && list.value.length === 0;
  // More of what is there, or of what the service has.
  const left = list.value.length - shown.value;
  const showMore = () => {
    shown.value += PAGE;
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
      <p class="small faint">
        {withoutPosition > 0 && <>{t('list.without-position', { n: withoutPosition })} </>}
        {reported > 0 && <>{t('list.reported-position', { n: reported })} </>}
        <Live />
      </p>
      {places.news.value.size > 0 && (
        <button type="button" class="news" onClick={() => places.refresh()}>
          {t('list.news', { n: places.news.value.size })}
        </button>
      )}
      {count === 0 && !isLoading && problem.value === undefined && <p class="note">{t('list.none')}</p>}
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
        {row.since !== null && t('list.since', { date: shownTime(row.since) })}
        {row.lastSaid !== null && ` · ${t('list.last-said', { date: shownTime(row.lastSaid) })}`}
        {row.flags.length > 0 && ` · ${row.flags.map((flag) => maybe(`flag.${flag}`) ?? flag).join(', ')}`}
      </span>
    </li>
  );
}

function Live() {
  const { value } = connection;
  if (value === 'off') return null;
  return <span class={`live live-${value}`}>{t(`live.${value}`)}</span>;
}
