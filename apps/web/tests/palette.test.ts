import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const STATUSES = ['contested', 'conceded', 'corroborated', 'claimed', 'relinquished', 'denied', 'unclaimed'];
const PAPERS = ['paper', 'raised', 'note'];

const sheet = readFileSync('apps/web/src/look/page.css', 'utf8');
const palette = new Map(
  [...sheet.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name, light, dark]) => [name!, { light: light!, dark: dark! }],
  ),
);

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

it('measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

it('knows every colour of the style sheet by its name', () => {
  const [, declared] = /:root \{([^}]*)\}/.exec(sheet)!;
  const colours = [...declared!.matchAll(/--([a-z-]+):\s*(?:light-dark|#|rgb|hsl)/g)].map(([, name]) => name);
  expect([...palette.keys()]).toEqual(colours);
  // No other place of a style sheet has a colour of its own that is not named here
  expect(sheet.replace(declared!, '')).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/);
});

describe.each(['light', 'dark'] as const)('in %s', (look) => {
  const of = (name: string) => palette.get(name)![look];
  const pairs = (fronts: readonly string[], backs: readonly string[]) =>
    fronts.flatMap((front) => backs.map((back) => [front, back] as const));

  it.each([
    ...pairs(['ink', 'faint', 'link'], PAPERS),
    // Pressed buttons, and names on the map
    ['paper', 'ink'] as const,
    ...pairs(['ink'], ['land', 'water']),
  ])('text in %s can be read on %s', (front, back) => {
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ...pairs([...STATUSES, 'focus'], [...PAPERS, 'land', 'water']),
    ...pairs(['strong-line'], PAPERS),
  ])('a mark in %s can be seen on %s', (front, back) => {
    expect(contrast(of(front), of(back))).toBeGreaterThanOrEqual(3);
  });
});
