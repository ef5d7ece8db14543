import { addressOf, clock, query } from '../address/address.js';
import { t } from '../language/language.js';
import { momentWords } from '../language/moments.js';
import { HomeData, useShown } from './home-data.js';
import { Many } from './home.js';
import { PlacesMap } from './map/map.js';
import './embed.css';

/** The map alone, to be shown inside other pages. It leads nowhere but to the whole page, in a window of its own. */
export function Embed() {
  const shown = useShown();
  const count = shown.total.value?.count;
  return (
    <HomeData.Provider value={shown}>
      {shown.places.isMany.value && <Many />}
      <main class="embed">
        <PlacesMap />
        <p class="embed-foot small">
          {momentWords(clock.value).join(' · ') || t('clock.now')} ·{' '}
          {count !== undefined && `${t('list.count', { n: count })} · `}
          <a href={addressOf({ view: 'home' }, query.value)} target="_blank" rel="noopener">
            Claimline
          </a>
        </p>
      </main>
    </HomeData.Provider>
  );
}
