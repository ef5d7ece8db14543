import { useSignal, useSignalEffect } from '@preact/signals';
import Map from 'ol/Map.js';
import { useEffect, useRef } from 'preact/hooks';
import { addressOf, go, query, route, setQuery } from '../../address/address.js';
import { Link } from '../../address/link.js';
import { t } from '../../language/language.js';
import { StatusWord } from '../../look/status-mark.js';
import { ClaimsLine } from '../claims-line.js';
import { statusesOf } from '../filter.js';
import { useHome } from '../home-data.js';
import { STATUSES } from '../../api/answers.js';
import { addBasemap } from './basemap.js';
import { PlacesLayer } from './places-layer.js';
import { viewOf, viewText } from '../look.js';
import { boxIn, createMap, lookOf } from './view.js';
import { onLook } from '../../look/colours.js';
import 'ol/ol.css';
import './map.css';

const DRAWN = 'map-drawn';
/** Whether the reader wants nothing to move. */
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * The map of the places that the filter shows. It is one tab stop; the list says the same in words. Where another page shows it,
 * places open in a window of their own.
 */
export function PlacesMap() {
  const isEmbedded = route.value.view === 'embed';
  const { rows, bins, total, box, hovered } = useHome();
  const element = useRef<HTMLDivElement>(null);
  // The address may say where to look; the map writes it there by itself as soon as it is drawn.
  const isFitted = useRef(query.peek()['map'] !== undefined);
  const pointed = useSignal<{ id: string; x: number; y: number } | undefined>(undefined);
  const attribution = useSignal('');
  const made = useSignal<{ map: Map; layer: PlacesLayer } | undefined>(undefined);

  /** At first the map shows all places, unless the address says where to look. A map that is not seen yet has no size. */
  const fit = (map: Map, { extent }: PlacesLayer) => {
    if (isFitted.current || extent === undefined || !map.getSize()?.every((length) => length > 0)) return;
    isFitted.current = true;
    map.getView().fit(extent, { padding: [40, 40, 60, 40], maxZoom: 9 });
  };

  useEffect(() => {
    const ended = new AbortController();
    const layer = new PlacesLayer();
    const map = createMap(element.current!, viewOf(query.peek()['map']), {
      zoomIn: t('map.zoom-in'),
      zoomOut: t('map.zoom-out'),
    });
    map.addLayer(layer.layer);
    // The map is one stop of the tabulator: its keys do the same as these buttons.
    for (const button of element.current!.querySelectorAll<HTMLButtonElement>('.ol-zoom button')) {
      button.setAttribute('aria-label', button.title);
      button.tabIndex = -1;
    }
    void addBasemap(map, ended.signal).then((text) => (attribution.value = text));
    map.on('moveend', () => {
      box.value = boxIn(map.getView());
      setQuery({ map: viewText(lookOf(map.getView())) }, { replace: true });
    });
    map.on('change:size', () => fit(map, layer));
    // For who measures: when the map was last drawn in full.
    map.on('rendercomplete', () => {
      performance.clearMarks(DRAWN);
      performance.mark(DRAWN);
    });
    map.on('pointermove', ({ pixel, dragging }) => {
      const id = dragging ? undefined : layer.idAt(map, pixel);
      hovered.value = id;
      pointed.value = id === undefined ? undefined : { id, x: pixel[0]!, y: pixel[1]! };
      element.current!.style.cursor = id === undefined ? '' : 'pointer';
    });
    map.on('singleclick', ({ pixel, coordinate }) => {
      const hit = layer.at(map, pixel);
      if (hit === undefined) return;
      if (hit.length === 1) {
        const address = addressOf({ view: 'place', id: hit[0]! });
        if (isEmbedded) open(address, '_blank', 'noopener');
        else go(address);
      } else
        map
          .getView()
          .animate({
            center: coordinate,
            zoom: (map.getView().getZoom() ?? 6) + 2,
            duration: isStill ? 0 : 250,
          });
    });
    onLook(() => layer.restyle(), ended.signal);
    addEventListener('keydown', ({ key }) => key === 'Escape' && (pointed.value = undefined), {
      signal: ended.signal,
    });
    made.value = { map, layer };
    return () => {
      ended.abort();
      map.dispose();
    };
  }, []);

  useSignalEffect(() => {
    if (made.value === undefined) return;
    const { map, layer } = made.value;
    if (bins.value === undefined) layer.show(rows.value);
    else layer.showBins(bins.value);
    fit(map, layer);
  });
  useSignalEffect(() => made.value?.layer.highlight(hovered.value));
  const row = pointed.value && rows.value.find(({ id }) => id === pointed.value!.id);
  return (
    <div class="map">
      <div
        ref={element}
        class="map-canvas"
        tabIndex={0}
        role="application"
        aria-label={t('map.label', { n: total.value?.count ?? rows.value.length })}
      />
      {row && (
        <div class="map-tip" style={{ left: `${pointed.value!.x}px`, top: `${pointed.value!.y}px` }}>
          <b>
            <bdi>{row.name}</bdi>
          </b>{' '}
          <StatusWord status={row.status} />
          <div class="small">
            <ClaimsLine claims={row.claims} />
          </div>
        </div>
      )}
      <div class="map-foot">
        <Legend isEmbedded={isEmbedded} />
        <p class="map-note small">{attribution.value}</p>
      </div>
    </div>
  );
}

/** What the marks mean: those on the map. */
function Legend({ isEmbedded }: { isEmbedded: boolean }) {
  const { rows, bins } = useHome();
  const present = bins.value === undefined ? statusesOf(rows.value) : new Set(bins.value.statuses);
  return (
    <ul class="legend small" aria-label={t('map.legend')}>
      {STATUSES.filter((status) => present.has(status)).map((status) => (
        <li>
          {isEmbedded ? (
            <StatusWord status={status} />
          ) : (
            <Link to={{ view: 'home' }} query={{ ...query.value, status }}>
              <StatusWord status={status} />
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}
