import { defaults as defaultControls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import Map from 'ol/Map.js';
import { fromLonLat, toLonLat, transformExtent } from 'ol/proj.js';
import View from 'ol/View.js';
import { type Box, boxOf, type Look } from '../look.js';

export function lookOf(view: View): Look {
  const [lon, lat] = toLonLat(view.getCenter() ?? [0, 0]) as [number, number];
  return { zoom: view.getZoom() ?? 0, lat, lon };
}

export function boxIn(view: View): Box {
  const extent = transformExtent(view.calculateExtent(), 'EPSG:3857', 'EPSG:4326');
  return boxOf(extent as [number, number, number, number], view.getZoom() ?? 0);
}

export function createMap(
  target: HTMLElement,
  { zoom, lat, lon }: Look,
  { zoomIn, zoomOut }: { zoomIn: string; zoomOut: string },
): Map {
  return new Map({
    target,
    controls: defaultControls({
      attribution: false,
      rotate: false,
      zoomOptions: { zoomInTipLabel: zoomIn, zoomOutTipLabel: zoomOut },
    }).extend([new ScaleLine()]),
    view: new View({ center: fromLonLat([lon, lat]), zoom, minZoom: 2, maxZoom: 16, enableRotation: false }),
  });
}
