import { query, setQuery } from '../address/address.js';
import { t } from '../language/language.js';
import { lazy } from '../shell/lazy.js';
import { ProblemNote } from '../look/problem.js';
import { Filters } from './filters.js';
import { HomeData, useShown } from './home-data.js';
import { PlaceList } from './list.js';
import './home.css';

const Clock = lazy(() => import('./clock.js').then((one) => one.Clock));
const Take = lazy(() => import('../take/take-home.js').then(({ TakeHome }) => TakeHome), 'take');
export const Many = lazy(() => import('./many.js').then(({ AskForMany }) => AskForMany));
const Map = lazy(() => import('./map/map.js').then(({ PlacesMap }) => PlacesMap));

/** Map and list of one filter, side by side, or one of them in a narrow window. */
export function Home() {
  const shown = useShown();
  const { isMany, isOld } = shown.places;
  const tab = query.value['tab'] === 'map' ? 'map' : 'list';
  return (
    <HomeData.Provider value={shown}>
      {isMany.value && <Many />}
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
      <div class={`home show-${tab}`} aria-busy={isOld.value}>
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
