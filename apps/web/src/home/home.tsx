import { query, setQuery } from '../address/address.js';
import { t } from '../language/language.js';
import { lazy } from '../shell/lazy.js';
import { ProblemNote } from '../look/problem.js';
import { Clock } from './clock.js';
import { Filters } from './filters.js';
import { HomeData, useShown } from './home-data.js';
import { PlaceList } from './list.js';
import './home.css';

const Take = lazy(() => import('../take/take-home.js').then(({ TakeHome }) => TakeHome), 'take');
const Map = lazy(() => import('./map/map.js').then(({ PlacesMap }) => PlacesMap));

/** Map and list of one filter, side by side, or one of them in a narrow window. */
export function Home() {
  const shown = useShown();
  const tab = query.value['tab'] === 'map' ? 'map' : 'list';
  return (
    <HomeData.Provider value={shown}>
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
          <ProblemNote problem={shown.problem.value} />
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
