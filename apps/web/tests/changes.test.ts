import { describe, expect, it } from '@jest/globals';
import { isNews, type Listed } from '../src/changes/news.js';
import { byDay, daysTo, lengthOf, moved, spanOf } from '../src/changes/span.js';

describe('the days shown', () => {
  it('are those of the address, and none after asOf', () => {
    expect(spanOf({ from: '2025-11-20', to: '2025-11-26' })).toEqual({
      from: '2025-11-20',
      to: '2025-11-26',
    });
    expect(
      spanOf({ from: '2025-11-20T08:00:00Z', to: '2025-11-26', asOf: '2025-11-22T23:59:59.999Z' }),
    ).toEqual({ from: '2025-11-20', to: '2025-11-22' });
    expect(spanOf({ asOf: '2025-11-22' })).toEqual({ from: undefined, to: '2025-11-22' });
    expect(spanOf({})).toEqual({ from: undefined, to: undefined });
  });

  it('move by their number, over the ends of months and years', () => {
    const week = daysTo('2026-01-03', 7);
    expect(week).toEqual({ from: '2025-12-28', to: '2026-01-03' });
    expect(lengthOf(week)).toBe(7);
    expect(moved(week, -1)).toEqual({ from: '2025-12-21', to: '2025-12-27' });
    expect(moved(moved(week, -1), 1)).toEqual(week);
    expect(moved(daysTo('2024-03-01', 1), -1)).toEqual({ from: '2024-02-29', to: '2024-02-29' });
  });

  it('group what they show, in its order', () => {
    const at = (time: string) => ({ at: time });
    const items = [
      at('2025-11-21T10:00:00.000Z'),
      at('2025-11-21T00:00:00.000Z'),
      at('2025-11-20T23:59:59.999Z'),
    ];
    expect(byDay(items)).toEqual([
      { day: '2025-11-21', items: items.slice(0, 2) },
      { day: '2025-11-20', items: items.slice(2) },
    ]);
    expect(byDay([])).toEqual([]);
  });
});

describe('news', () => {
  const listed: Listed = {
    items: [
      { id: 'a', at: '2025-11-22T00:00:00.000Z' },
      { id: 'b', at: '2025-11-21T00:00:00.000Z' },
    ],
    hasMore: true,
    span: { from: '2025-11-20', to: '2025-11-23' },
    statuses: [],
    side: undefined,
  };
  const state = (id: string, since: string | null, more: object = {}) =>
    ({ id, since, status: 'claimed', control: [{ holder: 'russia' }], ...more }) as never;

  it('is a change that is not in the list', () => {
    expect(isNews(state('a', '2025-11-23T00:00:00.000Z'), listed)).toBe(true);
    expect(isNews(state('c', '2025-11-22T00:00:00.000Z'), listed)).toBe(true);
  });

  it('is no state that changed nothing, nor a change that is not of the list', () => {
    expect(isNews(state('a', '2025-11-22T00:00:00.000Z'), listed)).toBe(false);
    expect(isNews(state('c', null), listed)).toBe(false);
    expect(isNews(state('c', '2025-11-24T00:00:00.000Z'), listed)).toBe(false);
    expect(isNews(state('c', '2025-11-19T00:00:00.000Z'), listed)).toBe(false);
    // Further down than the list has been read.
    expect(isNews(state('c', '2025-11-20T00:00:00.000Z'), listed)).toBe(false);
    expect(isNews(state('c', '2025-11-20T00:00:00.000Z'), { ...listed, hasMore: false })).toBe(true);
    const fresh = state('c', '2025-11-22T00:00:00.000Z');
    expect(isNews(fresh, { ...listed, statuses: ['contested'] })).toBe(false);
    expect(isNews(fresh, { ...listed, side: 'ukraine' })).toBe(false);
    expect(isNews(fresh, { ...listed, statuses: ['claimed', 'denied'], side: 'russia' })).toBe(true);
  });
});
