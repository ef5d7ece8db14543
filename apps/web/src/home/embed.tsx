import { useComputed, useSignal } from '@preact/signals';
import { addressOf, clock, query } from '../address/address.js';
import { language, t } from '../language/language.js';
import { countsOf, filtered, filterOf, ordered, orderOf } from './filter.js';
import { HomeData } from './home-data.js';
import { PlacesMap } from './map/map.js';
import { momentWords } from '../language/moments.js';
import { usePlaces } from './places.js';
import './embed.css';

/** The map alone, to be shown inside other pages. It leads nowhere but to the whole page, in a window of its own. */
export function Embed() {
  const places = usePlaces();
  const filter = useComputed(() => filterOf(query.value));
  const rows = useComputed(() => filtered(places.rows.value, filter.value));
  const counts = useComputed(() => countsOf(places.rows.value, filter.value));
  const list = useComputed(() => ordered(rows.value, orderOf(query.value), language.value));
  const hovered = useSignal<string | undefined>(undefined);
  const moments = momentWords(clock.value);
  return (
    <HomeData.Provider value={{ places, rows, list, counts, filter, hovered }}>
      <main class="embed">
        <PlacesMap />
        <p class="embed-foot small">
          {moments.length === 0 ? t('clock.now') : moments.join(' · ')} ·{' '}
          {t('list.count', { n: rows.value.length })} ·{' '}
          <a href={addressOf({ view: 'home' }, query.value)} target="_blank" rel="noopener">
            Claimline
          </a>
        </p>
      </main>
    </HomeData.Provider>
  );
}
