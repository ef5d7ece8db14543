import { useComputed, useSignal } from '@preact/signals';
import { query, setQuery } from '../address/address.js';
import { language, t } from '../language/language.js';
import { lazy } from '../shell/lazy.js';
import { ProblemNote } from '../look/problem.js';
import { Clock } from './clock.js';
import { Filters } from './filters.js';
import { countsOf, filtered, filterOf, ordered, orderOf } from './filter.js';
import { HomeData } from './home-data.js';
import { PlaceList } from './list.js';
import { usePlaces } from './places.js';
import './home.css';

const Take = lazy(() => import('../take/take-along.js').then(({ TakeAlong }) => TakeAlong), 'take');
const Map = lazy(() => import('./map/map.js').then(({ PlacesMap }) => PlacesMap));

/** Map and list of one filter, side by side, or one of them in a narrow window. */
export function Home() {
  const places = usePlaces();
  const filter = useComputed(() => filterOf(query.value));
  const rows = useComputed(() => filtered(places.rows.value, filter.value));
  const counts = useComputed(() => countsOf(places.rows.value, filter.value));
  const list = useComputed(() => ordered(rows.value, orderOf(query.value), language.value));
  const hovered = useSignal<string | undefined>(undefined);
  const tab = query.value['tab'] === 'map' ? 'map' : 'list';
  return (
    <HomeData.Provider value={{ places, rows, list, counts, filter, hovered }}>
      <h1 class="unseen">{t('home.title')}</h1>
      <div class="tabs" role="group" aria-label={t('home.tabs')}>
        {(['list', 'map'] as const).map((name) => (
          <button
            type="button"
            aria-pressed={tab === name}
            onClick={() => setQuery({ tab: name === 'map' ? 'map' : undefined }, { replace: true })}
          >
            {t(`home.${name}`)}
          </button>
        ))}
      </div>
      <div class={`home show-${tab}`} aria-busy={places.isOld.value}>
        <div class="home-list">
          <Filters />
          <ProblemNote problem={places.problem.value} />
          <Take />
          <PlaceList />
        </div>
        <div class="home-map">
          <Map />
        </div>
      </div>
      <Clock />
    </HomeData.Provider>
  );
}
