import { expect, test } from '@jest/globals';
import fc from 'fast-check';

type Position = [number, number];
// A name that the compiler does not follow: the script has no types.
const GEOMETRY: string = '../geometry.mjs';
const { clipLines, repeatLine, repeatPolygon, simplify, simplifyRing, splitLines } = await import(GEOMETRY);

const BOX = [0, 0, 10, 10];

test('a line is cut where it leaves the box, and begins again where it comes back', () => {
  const line = [
    [-5, 5],
    [5, 5],
    [5, 15],
    [6, 15],
    [6, 5],
  ];
  expect(clipLines([line], BOX)).toEqual([
    [
      [0, 5],
      [5, 5],
      [5, 10],
    ],
    [
      [6, 10],
      [6, 5],
    ],
  ]);
});

test('a line that passes outside, or only touches a corner, is no line in the box', () => {
  expect(
    clipLines(
      [
        [
          [-5, 5],
          [5, 15],
        ],
        [
          [-1, 1],
          [1, -1],
        ],
        [
          [-5, 12],
          [15, 12],
        ],
      ],
      BOX,
    ),
  ).toEqual([]);
});

test('lines are split into what is in a box and what is not, and nothing is lost', () => {
  const line = [
    [-4, 1],
    [-3, 1],
    [2, 1],
    [4, 1],
    [20, 1],
    [22, 1],
  ];
  expect(splitLines([line], BOX)).toEqual([
    [
      [
        [2, 1],
        [4, 1],
      ],
    ],
    [
      [
        [-4, 1],
        [-3, 1],
        [2, 1],
      ],
      [
        [4, 1],
        [20, 1],
        [22, 1],
      ],
    ],
  ]);
});

test('no position that is left out is farther from the simpler line than the tolerance', () => {
  const unit = fc.integer({ min: 0, max: 1000 });
  const lines = fc.array(fc.tuple(unit, unit), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(lines, (units) => {
      const line = units.map(([x, y]): Position => [x / 1000, y / 1000]);
      const simpler: Position[] = simplify(line, 0.05);
      expect([simpler[0], simpler.at(-1)]).toEqual([line[0], line.at(-1)]);
      for (const position of line) {
        const nearest = Math.min(...simpler.slice(1).map((to, i) => distance(position, simpler[i]!, to)));
        expect(nearest).toBeLessThanOrEqual(0.0501);
      }
    }),
  );
});

function distance([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): number {
  const square = (bx - ax) ** 2 + (by - ay) ** 2;
  const part =
    square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square));
  return Math.hypot(x - ax - part * (bx - ax), y - ay - part * (by - ay));
}

test('a ring stays closed, and one that cannot be seen is dropped', () => {
  const ring = [
    [0, 0],
    [1, 0],
    [2, 0.001],
    [2, 2],
    [0, 2],
    [0, 0],
  ];
  expect(simplifyRing(ring, 0.01)).toEqual([
    [0, 0],
    [2, 0.001],
    [2, 2],
    [0, 2],
    [0, 0],
  ]);
  expect(
    simplifyRing(
      [
        [0, 0],
        [0.01, 0],
        [0.01, 0.01],
        [0, 0],
      ],
      0.01,
    ),
  ).toBeUndefined();
});

test('what crosses the antimeridian is whole on both sides of it', () => {
  const copies = repeatLine([
    [170, 10],
    [-170, 12],
  ]);
  expect(copies).toEqual([
    [
      [-190, 10],
      [-170, 12],
    ],
    [
      [170, 10],
      [190, 12],
    ],
    [
      [530, 10],
      [550, 12],
    ],
  ]);
  expect(clipLines(copies, [-180, -85, 180, 85])).toEqual([
    [
      [-180, 11],
      [-170, 12],
    ],
    [
      [170, 10],
      [180, 11],
    ],
  ]);
});

test('a hole stays in its polygon, wherever the outline begins', () => {
  const outline = [
    [-170, 60],
    [150, 70],
    [100, 60],
    [150, 50],
    [-170, 60],
  ];
  const hole = [
    [120, 60],
    [125, 61],
    [125, 60],
    [120, 60],
  ];
  for (const [[first], inside] of repeatPolygon([outline, hole])) {
    expect(first[0] - inside[0][0]).toBe(190 - 120);
  }
});

test('a ring around the South Pole is closed there', () => {
  const [, [ring]] = repeatPolygon([
    [
      [0, -70],
      [120, -70],
      [-120, -70],
      [0, -70],
    ],
  ]);
  expect(ring).toEqual([
    [0, -70],
    [120, -70],
    [240, -70],
    [360, -70],
    [360, -90],
    [0, -90],
    [0, -70],
  ]);
});
