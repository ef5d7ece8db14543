import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changed, queryOf, searchOf } from '../src/address/query.js';
import { pathOf, type Route, routeOf } from '../src/address/route.js';

const part = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => text.trim() !== '' && text !== '.' && text !== '..');
const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    view: fc.constantFrom(
      'home',
      'compare',
      'changes',
      'statements',
      'operations',
      'dead-letters',
      'sign-in',
      'embed',
    ),
  }),
  fc.record({ view: fc.constantFrom('place', 'place-compare', 'statement', 'run'), id: part }),
  fc.record({ view: fc.constantFrom('speaker', 'outlet'), name: part }),
);

describe('the address of a view', () => {
  it('names every view, whatever its ids and names hold', () => {
    fc.assert(fc.property(routes, (route) => expect(routeOf(pathOf(route))).toEqual(route)));
  });

  it.each([
    'nowhere',
    'places',
    'places/a/b',
    'places/a/compare/b',
    'operations/other',
    'operations/replays',
  ])('knows no view of %s', (path) => expect(routeOf(path)).toEqual({ view: 'unknown' }));

  it('takes a part that is badly escaped as it is', () => {
    expect(routeOf('places/100%')).toEqual({ view: 'place', id: '100%' });
  });
});

describe('the query of an address', () => {
  it('leaves out what has no value, and stays readable', () => {
    expect(searchOf({ asOf: '2025-11-20T00:00:00Z', q: '', status: 'claimed,denied', side: undefined })).toBe(
      '?asOf=2025-11-20T00:00:00Z&status=claimed,denied',
    );
    expect(searchOf({})).toBe('');
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (query) =>
        expect(queryOf(searchOf(query))).toEqual({ ...query }),
      ),
    );
  });

  it('changes one name and keeps the others', () => {
    expect(changed({ asOf: '2025-11-20', q: 'Ізюм' }, { asOf: undefined, side: 'russia' })).toEqual({
      q: 'Ізюм',
      side: 'russia',
    });
  });
});
