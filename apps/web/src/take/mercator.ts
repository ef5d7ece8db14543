/** Web Mercator (EPSG:3857) on a sphere of this radius, in metres. */
const RADIUS = 6_378_137;
const MOST_LATITUDE = 85.05;

export type Metres = [x: number, y: number];

export function metresOf([lon, lat]: readonly [number, number]): Metres {
  const limited = Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, lat));
  return [
    (RADIUS * lon * Math.PI) / 180,
    RADIUS * Math.log(Math.tan(Math.PI / 4 + (limited * Math.PI) / 360)),
  ];
}
