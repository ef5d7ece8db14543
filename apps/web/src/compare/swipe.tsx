import { useSignal, useSignalEffect } from '@preact/signals';
import Map from 'ol/Map.js';
import type RenderEvent from 'ol/render/Event.js';
import { getRenderPixel } from 'ol/render.js';
import { useEffect, useRef } from 'preact/hooks';
import { addBasemap } from '../home/map/basemap.js';
import { PlacesLayer } from '../home/map/places-layer.js';
import { createMap } from '../home/map/view.js';
import { viewOf } from '../home/look.js';
import { query } from '../address/address.js';
import { t } from '../language/language.js';
import { onLook } from '../look/colours.js';
import { MomentName } from '../place/compare/state-at.js';
import { useBoth } from './compare-data.js';
import { pointOf } from './moments.js';
import 'ol/ol.css';
import '../home/map/map.css';

/** Both maps over each other: the first moment left of the handle, the second right of it. */
export function Swipe() {
  const both = useBoth();
  const element = useRef<HTMLDivElement>(null);
  const share = useSignal(50);
  const attribution = useSignal('');
  const made = useSignal<{ map: Map; a: PlacesLayer; b: PlacesLayer } | undefined>(undefined);
  const isFitted = useRef(false);

  useEffect(() => {
    const ended = new AbortController();
    const map = createMap(element.current!, viewOf(undefined), {
      zoomIn: t('map.zoom-in'),
      zoomOut: t('map.zoom-out'),
    });
    const [a, b] = [new PlacesLayer(), new PlacesLayer()];
    for (const [layer, from, to] of [
      [a, () => 0, () => share.peek() / 100],
      [b, () => share.peek() / 100, () => 1],
    ] as const) {
      clip(layer, map, from, to);
      map.addLayer(layer.layer);
    }
    void addBasemap(map, ended.signal).then((text) => (attribution.value = text));
    onLook(() => {
      a.restyle();
      b.restyle();
    }, ended.signal);
    made.value = { map, a, b };
    return () => {
      ended.abort();
      map.dispose();
    };
  }, []);
  useSignalEffect(() => {
    if (made.value === undefined) return;
    const { map, a, b } = made.value;
    a.show(both.a.value ?? []);
    b.show(both.b.value ?? []);
    if (isFitted.current || b.extent === undefined) return;
    isFitted.current = true;
    map.getView().fit(b.extent, { padding: [40, 40, 60, 40], maxZoom: 9 });
  });
  useSignalEffect(() => {
    void share.value;
    made.value?.map.render();
  });

  return (
    <figure class="swipe no-print">
      <div class="map">
        <div
          ref={element}
          class="map-canvas"
          tabIndex={0}
          role="application"
          aria-label={t('map-compare.map')}
        />
        <div class="swipe-line" style={{ insetInlineStart: `${share.value}%` }} aria-hidden="true" />
        <p class="map-note small">{attribution.value}</p>
      </div>
      <label class="swipe-handle">
        <span class="swipe-ends small">
          <span>
            {t('compare.a')}: <MomentName state={null} point={pointOf(query.value['a'])} />
          </span>
          <span>
            {t('compare.b')}: <MomentName state={null} point={pointOf(query.value['b'])} />
          </span>
        </span>
        <span class="unseen">{t('map-compare.handle')}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={share.value}
          onInput={({ currentTarget }) => (share.value = Number(currentTarget.value))}
        />
      </label>
    </figure>
  );
}

/** Draws a layer only between two shares of the map's width. */
function clip({ layer }: PlacesLayer, map: Map, from: () => number, to: () => number): void {
  layer.on('prerender', (event) => {
    const context = contextOf(event);
    const [width, height] = map.getSize() ?? [0, 0];
    if (context === undefined || width === undefined || height === undefined) return;
    const corners = [
      [width * from(), 0],
      [width * to(), 0],
      [width * to(), height],
      [width * from(), height],
    ].map((corner) => getRenderPixel(event, corner));
    context.save();
    context.beginPath();
    corners.forEach(([x, y], at) => (at === 0 ? context.moveTo(x!, y!) : context.lineTo(x!, y!)));
    context.closePath();
    context.clip();
  });
  layer.on('postrender', (event) => contextOf(event)?.restore());
}

const contextOf = ({ context }: RenderEvent): CanvasRenderingContext2D | undefined =>
  context instanceof CanvasRenderingContext2D ? context : undefined;
