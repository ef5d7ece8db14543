import { describe, expect, it } from '@jest/globals';
import { folded, nearest } from '../src/home/near.js';

const PLACES = ['Kupiansk', 'Kupiansk-Vuzlovyi', 'Vovchansk', 'left bank of the Oskol River', 'Kharkiv'].map(
  (name) => ({ name }),
);
const near = (text: string) => nearest(text, PLACES, 5).map(({ name }) => name);

describe('names that are written much like a text', () => {
  it.each([
    'Купʼянськ',
    "Куп'янськ",
    'Купянск',
    'Kupyansk',
    'Kupjansk',
    'KUPIANS’K',
    'Kuppiansk',
    'Kupiansc',
  ])('%s is spelt as Kupiansk', (text) => expect(folded(text)).toBe(folded('Kupiansk')));

  it.each([
    ['Kupinsk', 'Kupiansk'],
    ['Vovcansk', 'Vovchansk'],
    ['Харьков', 'Kharkiv'],
    ['Оскол', 'left bank of the Oskol River'],
    ['vuzlovij', 'Kupiansk-Vuzlovyi'],
  ])('%s finds %s', (text, name) => expect(near(text)[0]).toBe(name));

  it('stand in the order of their faults', () =>
    expect(near('Kupyansk')).toEqual(['Kupiansk', 'Kupiansk-Vuzlovyi']));

  it.each(['zzzz', 'Ku', '', '北京', 'Kyiv'])('are none for %p', (text) => expect(near(text)).toEqual([]));
});
