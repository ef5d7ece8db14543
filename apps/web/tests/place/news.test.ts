import { describe, expect, it } from '@jest/globals';
import { type Heard, isAbout, NOTHING_HEARD, newsOf } from '../../src/place/news.js';

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
const shown = { id: 'gn-1', merged: ['gn-2'], token: '0:5', lastRecordedAt: at(5) };
const heard = (claims: Record<string, number>, state?: Heard['state']): Heard => ({
  claims: new Map(Object.entries(claims).map(([id, second]) => [id, at(second)])),
  state,
});

describe('news of a place', () => {
  it('is only what the answer does not have', () => {
    expect(newsOf(shown, heard({ a: 4, b: 5, c: 6, d: 7 }))).toEqual({ statements: 2, hasChanged: true });
    expect(newsOf(shown, heard({ a: 5 }))).toEqual({ statements: 0, hasChanged: false });
    expect(newsOf(undefined, heard({ a: 6 }))).toEqual({ statements: 0, hasChanged: false });
    expect(newsOf(shown, NOTHING_HEARD)).toEqual({ statements: 0, hasChanged: false });
  });

  it('is a newer state, but not the one that is shown nor an older one', () => {
    const state = (token: string, second: number) => ({ token, lastRecordedAt: at(second) });
    expect(newsOf(shown, heard({}, state('0:6', 6))).hasChanged).toBe(true);
    expect(newsOf(shown, heard({}, state('0:5', 5))).hasChanged).toBe(false);
    expect(newsOf(shown, heard({}, state('0:4', 4))).hasChanged).toBe(false);
    expect(newsOf({ ...shown, lastRecordedAt: null }, heard({}, state('0:6', 6))).hasChanged).toBe(true);
  });

  it('is about the place, or one that is merged into it', () => {
    const claim = (locationId: string, id: string) => ({ locationId, place: { id } });
    expect(isAbout(shown, claim('gn-1', 'gn-1'))).toBe(true);
    expect(isAbout(shown, claim('gn-2', 'gn-1'))).toBe(true);
    expect(isAbout(shown, claim('gn-2', 'gn-2'))).toBe(true);
    expect(isAbout(shown, claim('gn-3', 'gn-3'))).toBe(false);
  });
});
