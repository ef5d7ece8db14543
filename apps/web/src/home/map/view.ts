import { defaults as defaultControls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import Map from 'ol/Map.js';
import { fromLonLat, toLonLat } from 'ol/proj.js';
import View from 'ol/View.js';

/** Where a map looks: zoom, latitude, longitude, as `map=` of the address says it. */
export interface Look {
  zoom: number;
  lat: number;
  lon: number;
}

export function viewOf(text: string | undefined): Look | undefined {
  const [zoom, lat, lon] = (text ?? '').split('/').map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return undefined;
  const isRight = zoom >= 0 && zoom <= 20 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return isRight ? { zoom, lat, lon } : undefined;
}

export function viewText(view: View): string {
  const [lon, lat] = toLonLat(view.getCenter() ?? [0, 0]) as [number, number];
  return `${(view.getZoom() ?? 0).toFixed(1)}/${lat.toFixed(3)}/${lon.toFixed(3)}`;
}

/** A map that leaves the wheel to the page unless it has the focus or Ctrl is held. */
export function createMap(target: HTMLElement, look: Look | undefined, zoomIn: string, zoomOut: string): Map {
  const { zoom, lat, lon } = look ?? { zoom: 5.6, lat: 48.8, lon: 34 };
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
