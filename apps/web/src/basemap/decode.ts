/** Longitude and latitude in degrees. */
export type Position = [longitude: number, latitude: number];
/** The coordinates of a GeoJSON MultiLineString. */
export type Lines = Position[][];
/** The coordinates of a GeoJSON MultiPolygon: outlines run anticlockwise, holes clockwise. */
export type Polygons = Position[][][];

/**
 * A file of `apps/web/basemap/build.mjs`. Each line and each ring is a string in the Encoded Polyline Algorithm Format, with
 * `factor` units to a degree.
 */
export interface BasemapFile {
  name: string;
  attribution: string;
  box: [west: number, south: number, east: number, north: number];
  factor: number;
  land: string[][];
  lakes: string[][];
  borders: string[];
  disputed: { id: string; lines: string[] }[];
  regions: string[];
  rivers: string[];
}

export interface Basemap {
  name: string;
  /** To be shown wherever the map is. */
  attribution: string;
  /** What the map covers, in degrees. Outside it there is neither land nor water. */
  box: BasemapFile['box'];
  /** Land against water, of whichever country. */
  land: Polygons;
  /** The outlines of the land, without the edges of the box. */
  coast: Lines;
  lakes: Polygons;
  borders: Lines;
  /** Lines that are not agreed upon, to be drawn dashed; `id` is that of `apps/web/basemap/disputed.mjs`. */
  disputed: { id: string; lines: Lines }[];
  /** Lines between the regions of a country. */
  regions: Lines;
  rivers: Lines;
}

export function decodeBasemap(file: BasemapFile): Basemap {
  const { name, attribution, box, factor } = file;
  const linesOf = (all: string[]): Lines => all.map((text) => decodeLine(text, factor));
  const land = file.land.map(linesOf);
  return {
    name,
    attribution,
    box,
    land,
    coast: land.flat().flatMap((ring) => withoutEdges(ring, box)),
    lakes: file.lakes.map(linesOf),
    borders: linesOf(file.borders),
    disputed: file.disputed.map(({ id, lines }) => ({ id, lines: linesOf(lines) })),
    regions: linesOf(file.regions),
    rivers: linesOf(file.rivers),
  };
}

/**
 * Decodes one line of the Encoded Polyline Algorithm Format.
 * @throws RangeError where the text ends inside a position.
 */
export function decodeLine(text: string, factor: number): Position[] {
  const line: Position[] = [];
  let at = 0;
  const nextNumber = (): number => {
    let [value, shift, bits] = [0, 0, 0];
    do {
      if (at >= text.length) throw new RangeError('a line of the base map ends inside a position');
      bits = text.charCodeAt(at) - 63;
      at += 1;
      value |= (bits & 0x1f) << shift;
      shift += 5;
    } while (bits >= 0x20);
    return value & 1 ? ~(value >> 1) : value >> 1;
  };
  let [latitude, longitude] = [0, 0];
  while (at < text.length) {
    latitude += nextNumber();
    longitude += nextNumber();
    line.push([longitude / factor, latitude / factor]);
  }
  return line;
}

/** The parts of a ring that do not run along an edge of the box. */
function withoutEdges(ring: Position[], [west, south, east, north]: BasemapFile['box']): Lines {
  const parts: Lines = [];
  let part: Position[] | undefined;
  ring.slice(1).forEach((to, i) => {
    const from = ring[i]!;
    const isEdge =
      (from[0] === to[0] && (to[0] === west || to[0] === east)) ||
      (from[1] === to[1] && (to[1] === south || to[1] === north));
    if (isEdge) part = undefined;
    else if (part === undefined) parts.push((part = [from, to]));
    else part.push(to);
  });
  return parts;
}
