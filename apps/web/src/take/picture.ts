import { type Status, STATUSES } from '../api/answers.js';
import type { Basemap, Lines } from '../basemap/decode.js';
import { SHAPES } from '../look/shapes.js';
import type { Row } from '../home/rows.js';
import { type Metres, metresOf } from './mercator.js';

/** A map to be published: what it shows and what must stand beside it. */
export interface Picture {
  /** Of the map, in pixels; title and caption come on top. */
  width: number;
  height: number;
  center: Metres;
  /** Metres a pixel. */
  resolution: number;
  basemap: Basemap | undefined;
  rows: readonly Row[];
  title: string;
  /** Of which moment, and by which rules. */
  subtitle: string;
  legend: readonly { status: Status; word: string; count: number }[];
  /** Source and date, in lines. */
  caption: readonly string[];
  colour: (name: string) => string;
}

const [HEAD, LEGEND, LINE] = [58, 26, 16];
/** The width of a letter of a name, about. */
const LETTER = 6.6;
const FONT = `font-family="'Noto Sans', sans-serif"`;

/** The picture as SVG, complete in itself. */
export function svgOf(picture: Picture): string {
  const { width, height, title, subtitle, caption, colour } = picture;
  const foot = LEGEND + caption.length * LINE + 12;
  const ink = `fill="${colour('ink')}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEAD + height + foot}" viewBox="0 0 ${width} ${HEAD + height + foot}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${colour('paper')}"/>`,
    `<text x="12" y="27" font-size="20" font-weight="700" font-family="'Noto Serif', serif" ${ink}>${escaped(title)}</text>`,
    `<text x="12" y="47" font-size="13" ${FONT} fill="${colour('faint')}">${escaped(subtitle)}</text>`,
    `<svg y="${HEAD}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${colour('water')}"/>`,
    ...baseOf(picture),
    ...marksOf(picture),
    '</svg>',
    ...legendOf(picture, HEAD + height + 18),
    ...caption.map(
      (line, at) =>
        `<text x="12" y="${HEAD + height + LEGEND + 14 + at * LINE}" font-size="11" ${FONT} fill="${colour('faint')}">${escaped(line)}</text>`,
    ),
    '</svg>',
  ].join('\n');
}

function baseOf({ basemap, colour, ...view }: Picture): string[] {
  if (basemap === undefined) return [];
  const path = (lines: Lines, closed = false) => pathOf(lines, view, closed);
  const stroke = (lines: Lines, name: string, width: number, more = '') =>
    `<path d="${path(lines)}" fill="none" stroke="${colour(name)}" stroke-width="${width}" stroke-linejoin="round"${more}/>`;
  return [
    `<path d="${path(basemap.land.flat(), true)}" fill="${colour('land')}" fill-rule="evenodd"/>`,
    `<path d="${path(basemap.lakes.flat(), true)}" fill="${colour('water')}" fill-rule="evenodd"/>`,
    stroke(basemap.coast, 'border', 0.5),
    stroke(basemap.regions, 'line', 1),
    stroke(basemap.rivers, 'water', 1.5),
    stroke(basemap.borders, 'border', 1.25),
    stroke(
      basemap.disputed.flatMap(({ lines }) => lines),
      'border',
      1.25,
      ' stroke-dasharray="5 4"',
    ),
  ];
}

/** The marks, and over them the names that have room, those of the first statuses first. */
function marksOf({ rows, colour, ...view }: Picture): string[] {
  const seen = rows
    .flatMap(({ position, status, name }) => {
      if (position === null) return [];
      const [x, y] = pixelOf(metresOf(position), view);
      const isOut = x < -10 || y < -10 || x > view.width + 10 || y > view.height + 10;
      return isOut ? [] : [{ x, y, status, name }];
    })
    .toSorted((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status));
  const taken: Box[] = seen.map(({ x, y }) => [x - 6, y - 6, x + 6, y + 6]);
  const names = seen.flatMap(({ x, y, name }) => {
    const half = (name.length * LETTER) / 2;
    const box: Box = [x - half, y + 7, x + half, y + 21];
    if (taken.some((other) => overlap(box, other))) return [];
    taken.push(box);
    return `<text x="${x}" y="${y + 18}" font-size="11" text-anchor="middle" ${FONT} fill="${colour('ink')}" stroke="${colour('paper')}" stroke-width="3" paint-order="stroke">${escaped(name)}</text>`;
  });
  const marks = seen.map(
    ({ x, y, status, name }) =>
      `<g transform="translate(${x} ${y})"><title>${escaped(name)}</title>${markOf(status, colour)}</g>`,
  );
  // What lies last covers the others.
  return [...marks.toReversed(), ...names];
}

type Box = [left: number, top: number, right: number, bottom: number];
const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function legendOf({ legend, colour }: Picture, y: number): string[] {
  let x = 18;
  return legend.map(({ status, word, count }) => {
    const text = `${word} ${count}`;
    const entry = `<g transform="translate(${x} ${y})">${markOf(status, colour)}<text x="12" y="4" font-size="12" ${FONT} fill="${colour('ink')}">${escaped(text)}</text></g>`;
    x += 34 + text.length * 7;
    return entry;
  });
}

function markOf(status: Status, colour: (name: string) => string): string {
  const { path, isRing } = SHAPES[status];
  return isRing
    ? `<path d="${path}" fill="${colour('paper')}" stroke="${colour(status)}" stroke-width="2.6"/>`
    : `<path d="${path}" fill="${colour(status)}" stroke="${colour('paper')}"/>`;
}

type View = Pick<Picture, 'width' | 'height' | 'center' | 'resolution'>;

function pixelOf([x, y]: Metres, { width, height, center, resolution }: View): [number, number] {
  return [round(width / 2 + (x - center[0]) / resolution), round(height / 2 - (y - center[1]) / resolution)];
}

/** Lines that touch the picture, as one path. */
function pathOf(lines: Lines, view: View, closed: boolean): string {
  return lines
    .map((line) => line.map((position) => pixelOf(metresOf(position), view)))
    .filter(
      (points) =>
        points.some(([x]) => x >= 0) &&
        points.some(([x]) => x <= view.width) &&
        points.some(([, y]) => y >= 0) &&
        points.some(([, y]) => y <= view.height),
    )
    .map((points) => `M${points.map(([x, y]) => `${x} ${y}`).join('L')}${closed ? 'Z' : ''}`)
    .join('');
}

const round = (pixels: number) => Math.round(pixels * 10) / 10;

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
