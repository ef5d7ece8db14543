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

/** A part of the world, as the API takes it, and how near one looks. */
export interface Box {
  bbox: string;
  zoom: number;
}

/** The part of the world in a window, somewhat larger: on a grid, so that small moves and other readers ask for the same. */
export function boxOf(
  [west, south, east, north]: readonly [number, number, number, number],
  zoom: number,
): Box {
  const whole = Math.min(22, Math.max(0, Math.round(zoom)));
  const step = 360 / 2 ** (whole + 1);
  const down = (degrees: number) => Math.floor(degrees / step) * step;
  const up = (degrees: number) => Math.ceil(degrees / step) * step;
  const around = (degrees: number) => ((((degrees + 180) % 360) + 360) % 360) - 180;
  const [from, to] = [down(west), up(east)];
  const sides = to - from >= 360 ? [-180, 180] : [around(from), around(to) === -180 ? 180 : around(to)];
  return {
    bbox: [sides[0], Math.max(-90, down(south)), sides[1], Math.min(90, up(north))]
      .map((degrees) => Number(degrees!.toFixed(6)))
      .join(','),
    zoom: whole,
  };
}
