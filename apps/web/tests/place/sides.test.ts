import { describe, expect, it } from '@jest/globals';
import { leftOut, sidesOf } from '../../src/place/sides.js';
import { type Line, nameOf, spoken } from '../saying/spoken.js';

const columns = (...lines: Line[]) =>
  sidesOf(spoken(...lines).state, nameOf).map(({ side, voices }) => [
    side,
    ...voices.map(({ position, holder, evidence }) => `${position} ${holder} ${evidence.length}`),
  ]);

describe('who says what, a column a side', () => {
  it('puts two claimants side by side, by name', () => {
    expect(
      columns(
        { party: 'ukraine', stance: 'deny', predicate: 'lost', actor: 'ukraine' },
        { party: 'dnr', predicate: 'captured', actor: 'russia' },
        { party: 'russia', predicate: 'captured', actor: 'russia' },
      ),
    ).toEqual([
      ['russia', 'for russia 2'],
      ['ukraine', 'for ukraine 1'],
    ]);
  });

  it('gives who only denies a column of its own', () => {
    expect(
      columns(
        { party: 'russia', predicate: 'captured', actor: 'russia' },
        { party: 'ukraine', stance: 'deny', predicate: 'captured', actor: 'russia' },
      ),
    ).toEqual([
      ['russia', 'for russia 1'],
      ['ukraine', 'against russia 1'],
    ]);
  });

  it('shows a concession once, first, in the column of who concedes', () => {
    expect(
      columns(
        { party: 'russia', predicate: 'captured', actor: 'russia' },
        { party: 'ukraine', predicate: 'withdrew', actor: 'ukraine', at: '2025-11-22' },
      ),
    ).toEqual([
      ['russia', 'for russia 1'],
      ['ukraine', 'concedes russia 1'],
    ]);
  });

  it('gathers independents in the last column, and unknown parties in their own', () => {
    expect(
      columns(
        { name: 'ISW', predicate: 'captured', actor: 'russia' },
        { name: 'Aurora', stance: 'deny', predicate: 'captured', actor: 'russia' },
        { party: 'Zarya', predicate: 'controls', actor: 'Zarya' },
        { party: 'russia', predicate: 'controls', actor: 'russia' },
      ),
    ).toEqual([
      ['russia', 'for russia 1'],
      ['Zarya', 'for Zarya 1'],
      ['independent:', 'for russia 1', 'against russia 1'],
    ]);
  });

  it('shows both voices of a side that contradicts itself', () => {
    expect(
      columns(
        { party: 'russia', predicate: 'controls', actor: 'russia' },
        { party: 'dnr', stance: 'deny', predicate: 'controls', actor: 'russia' },
      ),
    ).toEqual([['russia', 'for russia 1', 'against russia 1']]);
  });

  it('counts what the lists leave out', () => {
    const many = Array.from({ length: 53 }, (_, n): Line => ({
      name: `monitor ${n}`,
      predicate: 'captured',
      actor: 'russia',
    }));
    expect(leftOut(spoken(...many).state.control)).toBe(3);
  });
});
