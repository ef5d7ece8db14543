import { describe, expect, test } from '@jest/globals';
import {
  attributionOf,
  claimEvent,
  decideCorrection,
  decidePlaceCommand,
  decideVoiding,
  eventText,
  operationEvent,
  parseStatement,
  placesOf,
  unregistered,
  type EventId,
  type LaterEvent,
  type LocationId,
  type StatementId,
} from '#libs/domain';
import { NEW } from './given.js';

const KEY = 'Worker 7 (k7)';
const OTHER_KEY = 'Desk 2 (k2)';
const place = 'mill' as LocationId;

const statement = (fields: object = {}) => {
  const parsed = parseStatement(
    {
      stance: 'assert',
      claim: { predicate: 'controls', actor: 'russia' },
      location: { id: place },
      speaker: { party: 'russia' },
      statedAt: '2025-11-20',
      ...fields,
    },
    '2026-01-01T00:00:00.000Z',
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value;
};

describe('who did it', () => {
  test.each([
    [{}, {}],
    [{ by: 'worker-7' }, { by: 'worker-7' }],
    [{ signature: KEY }, { by: KEY }],
    [
      { by: 'worker-7', signature: KEY },
      { by: KEY, onBehalfOf: 'worker-7' },
    ],
  ])('%j is kept as %j', (said, kept) => {
    expect(attributionOf(said)).toEqual(kept);
  });

  test('a statement is the same, whoever sends it, and its event is written in one way', () => {
    const said = statement({ by: 'worker-7', reason: 'daily run' });
    const [open, signed] = [claimEvent(said, place, ''), claimEvent({ ...said, signature: KEY }, place, '')];
    expect(signed).toEqual({ ...open, by: KEY, onBehalfOf: 'worker-7' });
    expect([statement({ by: 'x' }).id, statement({ by: 'x' }).digest]).toEqual([said.id, said.digest]);
    expect(eventText(signed, said.written)).toBe(eventText(signed));
    expect(eventText(open, said.written)).not.toContain('onBehalfOf');
  });
});

const target = (later: LaterEvent[]) => ({
  stream: place,
  statementId: '00000000-0000-4000-8000-000000000001' as StatementId,
  later,
});
const voidedBy = (remarks: object): LaterEvent => {
  const decided = decideVoiding(true, target([]), remarks, 'before' as EventId);
  if (!('event' in decided)) throw new Error('nothing is decided');
  return decided.event;
};

describe('a void that is there already', () => {
  const said = { by: 'desk', reason: 'the speakers are swapped' };
  const unsigned = said;
  const signed = { ...said, signature: KEY };

  test.each([
    ['unsigned, and again under the first key', unsigned, signed],
    ['signed, and again where the service is open', signed, unsigned],
    ['signed, and again under another key', signed, { ...said, signature: OTHER_KEY }],
    [
      'signed without a name, and again',
      { reason: said.reason, signature: KEY },
      { reason: said.reason, signature: KEY },
    ],
  ])('%s: the same command is a repeat', (_, first, again) => {
    const before = voidedBy(first);
    expect(decideVoiding(true, target([before]), again, NEW)).toEqual({ before });
  });

  test.each([
    ['another name', { by: 'another desk' }],
    ['another reason', { reason: 'and so it was' }],
  ])('%s is recorded, with the key that sends it', (_, changed) => {
    const again = { ...signed, ...changed };
    expect(decideVoiding(true, target([voidedBy(signed)]), again, NEW)).toMatchObject({
      event: { by: KEY, onBehalfOf: again.by, data: { reason: again.reason } },
    });
  });
});

test('a correction signs both of its events', () => {
  const corrected = (by: string | undefined, ofStatement: string | undefined, signature?: string) => {
    const claim = claimEvent(
      { ...statement(ofStatement === undefined ? {} : { by: ofStatement }), signature },
      place,
      '',
    );
    const decided = decideCorrection({ by, reason: 'swapped', signature }, target([]), claim);
    if (!decided.ok) throw new Error(decided.refusal.detail);
    const attributed = ({ by: author, onBehalfOf }: { by?: string; onBehalfOf?: string }) => [
      author,
      onBehalfOf,
    ];
    return [attributed(decided.value.claim), attributed(decided.value.voided)];
  };
  expect(corrected('desk', 'worker')).toEqual([
    ['worker', undefined],
    ['desk', undefined],
  ]);
  expect(corrected('desk', 'worker', KEY)).toEqual([
    [KEY, 'worker'],
    [KEY, 'desk'],
  ]);
  expect(corrected('desk', undefined, KEY)).toEqual([
    [KEY, 'desk'],
    [KEY, 'desk'],
  ]);
  expect(corrected(undefined, undefined, KEY)).toEqual([
    [KEY, undefined],
    [KEY, undefined],
  ]);
});

test('a command to the register is signed, and keeps nothing else of it', () => {
  const decided = decidePlaceCommand(
    { kind: 'add-name', id: place, toponym: { name: 'The Mill' }, by: 'desk', signature: KEY },
    new Map([[place, unregistered(place)]]),
    () => NEW,
  );
  expect(decided).toEqual({
    ok: true,
    value: [
      {
        eventId: NEW,
        type: 'location.name-added',
        schemaVersion: 1,
        stream: 'register',
        data: { locationId: place, name: 'The Mill' },
        by: KEY,
        onBehalfOf: 'desk',
      },
    ],
  });
});

test('an operation is an event of no place', () => {
  const event = operationEvent(
    { operation: 'quote.erased', subject: 'x', by: 'court', reason: 'order 7', signature: KEY },
    NEW,
  );
  expect(event).toEqual({
    eventId: NEW,
    type: 'operation.performed',
    schemaVersion: 1,
    stream: '$operations',
    data: { operation: 'quote.erased', subject: 'x', reason: 'order 7' },
    by: KEY,
    onBehalfOf: 'court',
  });
  expect(placesOf(event)).toEqual([]);
  expect(placesOf(claimEvent(statement(), place, ''))).toEqual([place]);
});
