// Lines and polygons as GeoJSON has them: positions are [longitude, latitude] in degrees. A box is [west, south, east, north].

export const isIn = ([x, y], [west, south, east, north]) =>
  x >= west && x <= east && y >= south && y <= north;

export const boundsOf = (positions) =>
  positions.reduce(
    ([west, south, east, north], [x, y]) => [
      Math.min(west, x),
      Math.min(south, y),
      Math.max(east, x),
      Math.max(north, y),
    ],
    [Infinity, Infinity, -Infinity, -Infinity],
  );

export const doMeet = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** A line or ring without leaps from one end of the world to the other: it continues beyond 180 degrees. */
function withoutLeaps(positions) {
  let turn = 0;
  return positions.map(([x, y], i) => {
    const leap = i === 0 ? 0 : x - positions[i - 1][0];
    if (Math.abs(leap) > 180) turn -= 360 * Math.sign(leap);
    return [x + turn, y];
  });
}

const shift = (positions, degrees) => positions.map(([x, y]) => [x + degrees, y]);

/** A line without leaps, and again 360 degrees to the west and to the east, so that each part of the world has it. */
export const repeatLine = (line) => [-360, 0, 360].map((degrees) => shift(withoutLeaps(line), degrees));

/** The same for a polygon. One around the South Pole, as Antarctica, is closed there. */
export function repeatPolygon([outline, ...holes]) {
  const ring = withoutLeaps(outline);
  const [[x, y], [lastX]] = [ring[0], ring.at(-1)];
  if (Math.abs(lastX - x) > 180) ring.push([lastX, -90], [x, -90], [x, y]);
  const [west] = boundsOf(ring);
  const inside = holes
    .map(withoutLeaps)
    .map((hole) => shift(hole, 360 * Math.ceil((west - hole[0][0]) / 360)));
  return [-360, 0, 360].map((degrees) => [ring, ...inside].map((one) => shift(one, degrees)));
}

/** The part of a segment in a box (Liang and Barsky), or nothing. */
function clipSegment([x, y], [toX, toY], [west, south, east, north]) {
  let [from, to] = [0, 1];
  for (const [delta, room] of [
    [x - toX, x - west],
    [toX - x, east - x],
    [y - toY, y - south],
    [toY - y, north - y],
  ]) {
    if (delta === 0 && room < 0) return undefined;
    if (delta < 0) from = Math.max(from, room / delta);
    if (delta > 0) to = Math.min(to, room / delta);
  }
  const at = (part) => [x + part * (toX - x), y + part * (toY - y)];
  return from < to ? [at(from), at(to)] : undefined;
}

/** The parts of lines in a box. Nothing is drawn along its edges. */
export function clipLines(lines, box) {
  const clipped = [];
  for (const line of lines) {
    let part = [];
    for (let i = 1; i < line.length; i += 1) {
      const segment = clipSegment(line[i - 1], line[i], box);
      if (segment === undefined) continue;
      const last = part.at(-1);
      if (last === undefined || last[0] !== segment[0][0] || last[1] !== segment[0][1]) {
        part = [segment[0]];
        clipped.push(part);
      }
      part.push(segment[1]);
    }
  }
  return clipped;
}

/** Lines cut at their positions into those that a segment's middle is in the box of, and the others. */
export function splitLines(lines, box) {
  const [inside, outside] = [[], []];
  for (const line of lines) {
    let before;
    for (let i = 1; i < line.length; i += 1) {
      const [a, b] = [line[i - 1], line[i]];
      const side = isIn([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], box) ? inside : outside;
      if (side === before) side.at(-1).push(b);
      else side.push([a, b]);
      before = side;
    }
  }
  return [inside, outside];
}

/** Douglas-Peucker: no position that is left out lies farther from the line than the tolerance, in degrees of latitude. */
export function simplify(line, tolerance) {
  const keep = new Set([0, line.length - 1]);
  const pending = [[0, line.length - 1]];
  while (pending.length > 0) {
    const [from, to] = pending.pop();
    let [farthest, most] = [-1, tolerance];
    for (let i = from + 1; i < to; i += 1) {
      const distance = distanceTo(line[i], line[from], line[to]);
      if (distance > most) [farthest, most] = [i, distance];
    }
    if (farthest === -1) continue;
    keep.add(farthest);
    pending.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, i) => keep.has(i));
}

function distanceTo(position, from, to) {
  const narrowing = narrowingAt(from);
  const [x, y] = [(position[0] - from[0]) * narrowing, position[1] - from[1]];
  const [dx, dy] = [(to[0] - from[0]) * narrowing, to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / length));
  return Math.hypot(x - part * dx, y - part * dy);
}

/** Degrees of latitude in one of longitude. */
const narrowingAt = ([, latitude]) => Math.cos((latitude * Math.PI) / 180);

/** A closed ring, or nothing where it is too small to be seen at this tolerance. */
export function simplifyRing(ring, tolerance) {
  if (Math.abs(areaOf(ring)) * narrowingAt(ring[0]) < 4 * tolerance * tolerance) return undefined;
  const simpler = simplify(ring, tolerance);
  return simpler.length < 4 ? undefined : simpler;
}

/** In square degrees; positive where the ring runs anticlockwise. */
function areaOf(ring) {
  let area = 0;
  for (let i = 1; i < ring.length; i += 1) area += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return area / 2;
}
