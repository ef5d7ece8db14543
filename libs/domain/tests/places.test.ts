import { describe, expect, it } from '@jest/globals';
import { claimEvent } from '../src/decisions/decide.js';
import { type LocationId } from '../src/values/identity.js';
import { type Resolution } from '../src/statement/place-reference.js';
import { Log, PLACE, stateOf, statement, type Line } from './story.js';

const said = (line: Partial<Line> = {}): Line => ({
  party: 'russia',
  predicate: 'captured',
  actor: 'russia',
  statedAt: '2025-11-20',
  named: 'Шевченко',
  ...line,
});

describe('a place that no register has', () => {
  it('shows where the latest statement reported it to be, and says so', () => {
    const log = new Log();
    log.claim(said({ coordinates: [37, 48] }));
    const later = log.claim(said({ statedAt: '2025-11-22', coordinates: [38, 49] }));
    log.claim(said({ statedAt: '2025-11-25' }));
    expect(stateOf(log.events)).toMatchObject({ coordinates: [38, 49], coordinatesReported: true });
    expect(stateOf(log.events, { asOf: '2025-11-21T00:00:00.000Z' })).toMatchObject({
      coordinates: [37, 48],
      coordinatesReported: true,
    });
    expect(stateOf(log.events, { asOf: '2025-11-01T00:00:00.000Z' })).toMatchObject({
      coordinates: null,
      coordinatesReported: false,
    });
    const before = log.mark(later, true).recordedAt;
    expect(stateOf(log.events)).toMatchObject({ coordinates: [37, 48] });
    expect(stateOf(log.events, { knownAt: new Date(Date.parse(before) - 1).toISOString() })).toMatchObject({
      coordinates: [38, 49],
    });
    log.register('location.positioned', { locationId: PLACE, coordinates: [30, 50] });
    expect(stateOf(log.events)).toMatchObject({ coordinates: [30, 50], coordinatesReported: false });
  });

  it('is ambiguous where several places have its name, and names them, until it is merged into one', () => {
    const found = (...candidates: string[]): Resolution => ({
      kind: 'ambiguous',
      by: 'name',
      candidates: candidates as LocationId[],
    });
    const log = new Log();
    const claim = (line: Line, resolution: Resolution) =>
      log.append(claimEvent(statement(line), PLACE, 'salt', resolution))!;
    const first = claim(said(), found('b', 'a'));
    const second = claim(said({ party: 'ukraine', statedAt: '2025-11-21', stance: 'deny' }), found('a', 'c'));
    log.claim(said({ statedAt: '2025-11-22', coordinates: [1, 1] }));
    expect(stateOf(log.events).flags).toContainEqual({
      flag: 'ambiguous',
      holder: null,
      assertedBy: [],
      deniedBy: [],
      evidence: [second.eventId, first.eventId],
      candidates: ['a', 'b', 'c'],
    });
    expect(stateOf(log.events, { asOf: '2025-11-20T12:00:00.000Z' }).flags).toContainEqual(
      expect.objectContaining({ flag: 'ambiguous', candidates: ['a', 'b'] }),
    );
    const known = 'shevchenko-1' as LocationId;
    log.register('location.registered', {
      locationId: known,
      names: [{ name: 'Шевченко' }],
      codes: [{ scheme: 'katottg', value: 'UA1' }],
      country: 'UA',
    });
    log.register('location.merged', { locationId: PLACE, into: known });
    expect(stateOf(log.events, {}, known)).toMatchObject({
      flags: [],
      codes: [{ scheme: 'katottg', value: 'UA1' }],
      countries: ['UA'],
      coordinates: [1, 1],
      coordinatesReported: true,
    });
  });
});

describe('a place of the register', () => {
  it('has codes and countries, the first of which is shown alone', () => {
    const log = new Log();
    log.register('location.registered', {
      locationId: PLACE,
      names: [{ name: 'Simferopol' }],
      country: 'UA',
      countries: ['UA', 'RU'],
      codes: [{ scheme: 'geonames', value: '693805' }],
    });
    log.register('location.code-added', { locationId: PLACE, scheme: 'wikidata', value: 'Q19566' });
    log.register('location.code-added', { locationId: PLACE, scheme: 'wikidata', value: 'Q19566' });
    log.register('location.code-removed', { locationId: PLACE, scheme: 'geonames', value: '693805' });
    expect(stateOf(log.events)).toMatchObject({
      country: 'UA',
      countries: ['UA', 'RU'],
      codes: [{ scheme: 'wikidata', value: 'Q19566' }],
    });
  });
});
