/** Where a map looks: zoom, latitude, longitude, as `map=` of the address says it. */
export interface Look {
  zoom: number;
  lat: number;
  lon: number;
}

/** Where nothing else is asked for. */
const FIRST: Look = { zoom: 5.6, lat: 48.8, lon: 34 };

export function viewOf(text: string | undefined): Look {
  const [zoom, lat, lon] = (text ?? '').split('/').map(Number);
  if (zoom === undefined || lat === undefined || lon === undefined) return FIRST;
  const isRight = zoom >= 0 && zoom <= 20 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return isRight ? { zoom, lat, lon } : FIRST;
}

export const viewText = ({ zoom, lat, lon }: Look): string =>
  `${zoom.toFixed(1)}/${lat.toFixed(3)}/${lon.toFixed(3)}`;
