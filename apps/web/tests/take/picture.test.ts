import { expect, it } from '@jest/globals';
import type { Row } from '../../src/home/rows.js';
import { type Picture, svgOf } from '../../src/take/picture.js';

const row = (name: string, position: Row['position'], status: Row['status'] = 'unclaimed') =>
  ({ id: name, name, position, status }) as Row;

const svg = (rows: Row[], more: Partial<Picture> = {}) =>
  svgOf({
    width: 200,
    height: 100,
    center: [0, 0],
    resolution: 1000,
    basemap: undefined,
    rows,
    title: 'Who claims what',
    subtitle: '',
    legend: [],
    caption: [],
    colour: (name) => name,
    ...more,
  });
const namesOn = (text: string) =>
  [...text.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, name]) => name);

it('names the places that have room, those of the first statuses first', () => {
  const drawn = svg([
    row('Near', [0.01, 0]),
    row('Contested', [0, 0], 'contested'),
    row('Far', [0.6, 0.2]),
    row('Outside', [20, 0]),
    row('Nowhere', null),
  ]);
  expect(namesOn(drawn)).toEqual(['Contested', 'Far']);
  // All marks that are within are drawn, named or not
  expect([...drawn.matchAll(/<g [^>]*><title>/g)]).toHaveLength(3);
});

it('escapes what others have written', () => {
  const drawn = svg([row('<script>"&', [0, 0])], { title: 'a < b', caption: ['&'] });
  expect(drawn).not.toMatch(/<script|a < b|>&</);
  expect(namesOn(drawn)).toEqual(['&lt;script&gt;&quot;&amp;']);
});
