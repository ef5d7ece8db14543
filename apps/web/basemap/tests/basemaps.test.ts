import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type BasemapFile, decodeBasemap, type Lines, type Position } from '../../src/basemap/decode.js';

// A name that the compiler does not follow: the script has no types.
const DISPUTED_LINES: string = '../disputed.mjs';
const { DISPUTED } = await import(DISPUTED_LINES);
const FOLDER = new URL('../../public/basemap/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** West, south, east, north of the Perekop and the Syvash: only the line between Crimea and Kherson is there. */
const NORTH_OF_CRIMEA = [32.8, 45.3, 36.6, 46.25];
const KYIV: Position = [30.5, 50.4];
const REGION = [
  'crimea',
  'donetsk-luhansk',
  'transnistria',
  'abkhazia',
  'kosovo',
  'armenia-azerbaijan',
  'danube',
];
const MAPS = [
  {
    name: 'ukraine',
    box: [12, 38, 60, 60],
    disputed: REGION,
    oneLand: [
      [37.6, 55.7],
      [21, 52.2],
      [34.1, 45],
      [37.8, 48],
      [36.6, 50.6],
      [27.5, 53.9],
      [33, 40],
      [44.8, 41.7],
    ],
    otherLand: [[18.4, 57.5]],
    water: [
      [34, 43.3],
      [36.5, 46.1],
      [51, 41],
      [19, 56],
    ],
    longest: 4,
  },
  {
    name: 'world',
    box: [-180, -85, 180, 85],
    disputed: [
      ...REGION,
      ...'cyprus israel-palestine golan blue-line western-sahara kashmir karakoram china-india'.split(' '),
      ...'china-bhutan durand-line korea preah-vihear somaliland sudan-south-sudan ilemi halaib'.split(' '),
      ...'al-fashaga eritrea-ethiopia essequibo new-river belize'.split(' '),
    ],
    oneLand: [
      [37.6, 55.7],
      [34.1, 45],
      [116, 40],
      [77, 28.6],
      [35.2, 31.8],
      [175, 67.5],
      [76, 34],
      [127, 40],
      [20, 0],
    ],
    otherLand: [
      [0, -80],
      [-100, 40],
      [134, -25],
      [121, 24],
      [-175, 66.5],
    ],
    water: [
      [51, 41],
      [179.9, 0],
      [-179.9, 0],
      [-30, 30],
      [0, 84],
    ],
    longest: 30,
  },
];

describe.each(MAPS)('the base map $name', ({ name, box, disputed, oneLand, otherLand, water, longest }) => {
  const file = JSON.parse(textOf(`${name}.json`)) as BasemapFile;
  const map = decodeBasemap(file);
  const [west, south, east, north] = map.box;
  const lines = {
    borders: map.borders,
    regions: map.regions,
    rivers: map.rivers,
    disputed: map.disputed.flatMap((one) => one.lines),
  };
  const surfaceAt = (position: Position): number =>
    map.land.findIndex((rings) => rings.filter((ring) => contains(ring, position)).length % 2 === 1);

  test('covers its box, and has nothing outside it', () => {
    expect(map).toMatchObject({ name, box });
    const all = [...map.land.flat(), ...map.lakes.flat(), ...Object.values(lines).flat()].flat();
    expect(all.filter(([x, y]) => !(x >= west && x <= east && y >= south && y <= north))).toEqual([]);
    for (const layer of [map.land, map.coast, map.lakes, map.borders, map.rivers])
      expect(layer).not.toEqual([]);
  });

  test('carries the note that its boundaries are no statement, and nothing of any country', () => {
    expect(file.attribution).toBe('Made with Natural Earth; boundaries are no statement of ours');
    expect(Object.keys(file).toSorted()).toEqual([
      'attribution',
      'borders',
      'box',
      'disputed',
      'factor',
      'lakes',
      'land',
      'name',
      'regions',
      'rivers',
    ]);
  });

  test('is within its budget', () => {
    const text = textOf(`${name}.json`);
    expect(brotliCompressSync(text).length).toBeLessThanOrEqual(65_000);
    if (name === 'world') expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(40_000);
  });

  test('land is one surface, whoever claims it', () => {
    const surface = surfaceAt(KYIV);
    expect(surface).not.toBe(-1);
    for (const [x, y] of oneLand) expect([x, y, surfaceAt([x!, y!])]).toEqual([x, y, surface]);
    for (const [x, y] of otherLand) {
      expect([x, y, surfaceAt([x!, y!])]).not.toEqual([x, y, -1]);
      expect([x, y, surfaceAt([x!, y!])]).not.toEqual([x, y, surface]);
    }
    for (const [x, y] of water) expect([x, y, surfaceAt([x!, y!])]).toEqual([x, y, -1]);
  });

  test('the surface is not divided by any line between countries or regions', () => {
    const divided: Position[] = [];
    let compared = 0;
    for (const line of [...lines.borders, ...lines.disputed, ...lines.regions])
      for (let i = 1; i < line.length; i += 5) {
        const [left, right] = besides(line[i - 1]!, line[i]!).map(surfaceAt);
        if (left === -1 || right === -1) continue;
        compared += 1;
        if (left !== right) divided.push(line[i]!);
      }
    expect(divided).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  });

  test('outlines are closed and run anticlockwise, holes clockwise', () => {
    for (const [outline, ...holes] of [...map.land, ...map.lakes]) {
      for (const ring of [outline!, ...holes]) expect(ring.at(-1)).toEqual(ring[0]);
      expect(areaOf(outline!)).toBeGreaterThan(0);
      for (const hole of holes) expect(areaOf(hole)).toBeLessThan(0);
    }
  });

  test('nothing is drawn along the edges of the box, or across the world', () => {
    const segments = [map.coast, ...Object.values(lines)]
      .flat()
      .flatMap((line) => line.slice(1).map((to, i): [Position, Position] => [line[i]!, to]));
    const isAlongEdge = ([a, b]: [Position, Position]) =>
      (a[0] === b[0] && (a[0] === west || a[0] === east)) ||
      (a[1] === b[1] && (a[1] === south || a[1] === north));
    expect(segments.filter(isAlongEdge)).toEqual([]);
    expect(segments.filter(([a, b]) => Math.hypot(b[0] - a[0], b[1] - a[1]) > longest)).toEqual([]);
  });

  test('the disputed lines that it can show are there, each with its reason', () => {
    expect(map.disputed.map(({ id }) => id)).toEqual(disputed);
    for (const one of map.disputed) {
      expect(lengthOf(one.lines)).toBeGreaterThan(0.3);
      expect(DISPUTED.find(({ id }: { id: string }) => id === one.id)?.reason).toMatch(/\w{3}/);
    }
  });

  test('between Crimea and the mainland is a disputed line, and no other', () => {
    const isThere = ([x, y]: Position) =>
      x > NORTH_OF_CRIMEA[0]! &&
      y > NORTH_OF_CRIMEA[1]! &&
      x < NORTH_OF_CRIMEA[2]! &&
      y < NORTH_OF_CRIMEA[3]!;
    const crimea = map.disputed.find(({ id }) => id === 'crimea')!.lines;
    expect(crimea.flat().filter((position) => !isThere(position))).toEqual([]);
    const ends = crimea
      .flat()
      .map(([x]) => x)
      .toSorted((a, b) => a - b);
    expect(ends[0]).toBeLessThan(33.7);
    expect(ends.at(-1)).toBeGreaterThan(34.9);
    expect([...map.borders, ...map.regions].flat().filter(isThere)).toEqual([]);
  });

  test('the line that Russia denies since 2022 is not drawn as agreed upon', () => {
    const ofLuhansk = ([x, y]: Position) => x > 38.1 && x < 40.3 && y > 47.2 && y < 50;
    expect(map.borders.flat().filter(ofLuhansk)).toEqual([]);
    expect(
      map.disputed
        .find(({ id }) => id === 'donetsk-luhansk')!
        .lines.flat()
        .filter(ofLuhansk),
    ).not.toEqual([]);
  });
});

test('the licences of the packages whose data is shipped are shipped too', () => {
  const text = textOf('LICENCES.txt');
  for (const words of [
    'Michael Bostock',
    'Étienne Tétreault-Pinard',
    'Mark DiMarco',
    'The MIT License',
    'AS IS',
  ])
    expect(text).toContain(words);
});

/** Two positions 2 km from the middle of a segment, one on each side. */
function besides([ax, ay]: Position, [bx, by]: Position): Position[] {
  const length = Math.hypot(bx - ax, by - ay);
  const [x, y] = [(-(by - ay) / length) * 0.02, ((bx - ax) / length) * 0.02];
  const [middleX, middleY] = [(ax + bx) / 2, (ay + by) / 2];
  return [
    [middleX + x, middleY + y],
    [middleX - x, middleY - y],
  ];
}

function contains(ring: Position[], [x, y]: Position): boolean {
  let isInside = false;
  for (let i = 1; i < ring.length; i += 1) {
    const [[ax, ay], [bx, by]] = [ring[i - 1]!, ring[i]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isInside = !isInside;
  }
  return isInside;
}

function areaOf(ring: Position[]): number {
  return ring.slice(1).reduce((area, [x, y], i) => area + (ring[i]![0] * y - x * ring[i]![1]) / 2, 0);
}

/** In degrees. */
function lengthOf(lines: Lines): number {
  const ofLine = (line: Position[]) =>
    line.slice(1).reduce((length, [x, y], i) => length + Math.hypot(x - line[i]![0], y - line[i]![1]), 0);
  return lines.reduce((length, line) => length + ofLine(line), 0);
}
