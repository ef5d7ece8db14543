import { DISPUTED, NO_BORDERS } from './disputed.mjs';
import {
  boundsOf,
  clipLines,
  doMeet,
  repeatLine,
  repeatPolygon,
  simplify,
  simplifyRing,
  splitLines,
} from './geometry.mjs';

const isPair = (pairs, one, other) =>
  pairs.some(
    ([a, b]) => (a === one && (b === '*' || b === other)) || (a === other && (b === '*' || b === one)),
  );
const isEdge = ({ regions }, one, other) => regions.includes(one) !== regions.includes(other);

/**
 * The layers of a base map: land, lakes, borders, disputed, regions, rivers.
 * @param {ReturnType<typeof import('./sources.mjs').openSources>} sources
 * @param {{ box: number[], tolerance: number, isCoarse: boolean, regions: string[], waters: string[] }} map `tolerance` in
 *   degrees; `regions` are the countries (ISO 3166 alpha-3) whose regions are drawn; `waters` the files of rivers and lakes.
 */
export function makeLayers(sources, { box, tolerance, isCoarse, regions, waters }) {
  const countries = sources.countries(isCoarse ? '110m' : '10m');
  const bodies = waters.map((part) => sources.waters(part, isCoarse ? '110m' : '50m'));

  const drawLines = (lines, { grid }) =>
    clipLines(lines.flatMap(repeatLine), box).map((line) => simplify(line, Math.max(tolerance, grid / 2)));
  const drawPolygons = (polygons, { grid }) =>
    polygons
      .flatMap(repeatPolygon)
      .filter(([outline]) => doMeet(boundsOf(outline), box))
      .flatMap((polygon) => sources.intersection(polygon, frameOf(box)))
      .map((rings) => rings.map((ring) => simplifyRing(ring, Math.max(tolerance, grid / 2))))
      .filter(([outline]) => outline !== undefined)
      .map((rings) => rings.filter((ring) => ring !== undefined));

  const linesOfRegions = regions.map((country) => {
    const source = sources.regions(country);
    const rules = DISPUTED.filter((rule) => rule.country === country);
    const agreed = source.lines((one, other) => !rules.some((rule) => isEdge(rule, one, other)));
    return drawLines(agreed, source);
  });
  return {
    land: drawPolygons(countries.land, countries),
    lakes: bodies.flatMap((source) => drawPolygons(source.lakes, source)),
    borders: drawLines(agreedBorders(countries), countries),
    disputed: DISPUTED.map((rule) => {
      const { lines, source } = disputedLines(rule, countries, sources);
      return { id: rule.id, lines: drawLines(lines, source) };
    }).filter(({ lines }) => lines.length > 0),
    regions: linesOfRegions.flat(),
    rivers: bodies.flatMap((source) => drawLines(source.rivers, source)),
  };
}

/** The lines between countries that no rule is about, with the parts outside the boxes of those that are about a part. */
function agreedBorders(countries) {
  const rules = DISPUTED.filter(({ between }) => between !== undefined);
  const partial = rules.filter((rule) => rule.box !== undefined);
  const without = countries.borders(
    (one, other) =>
      ![NO_BORDERS, ...rules.map((rule) => rule.between)].some((pairs) => isPair(pairs, one, other)),
  );
  const cut = countries.borders((one, other) => partial.some((rule) => isPair(rule.between, one, other)));
  return [...without, ...partial.reduce((lines, rule) => splitLines(lines, rule.box)[1], cut)];
}

function disputedLines(rule, countries, sources) {
  if (rule.between === undefined) {
    const source = sources.regions(rule.country);
    return { source, lines: source.lines((one, other) => isEdge(rule, one, other)) };
  }
  const lines = countries.borders((one, other) => isPair(rule.between, one, other));
  return { source: countries, lines: rule.box === undefined ? lines : splitLines(lines, rule.box)[0] };
}

const frameOf = ([west, south, east, north]) => [
  [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ],
];
