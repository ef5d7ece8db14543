import { describe, expect, it } from '@jest/globals';
import {
  accept,
  claimEvent,
  correctionEventId,
  decideCorrection,
  parseCorrection,
  type LaterEvent,
  type LocationId,
  type StatementId,
} from '#libs/domain';
import { NEW, refused } from './given.js';
import { NOW, PLACE, statement } from './story.js';

// What a correction does to states, and what other corrections and retractions do to it, is in corrections.test.ts.

const WRONG = '00000000-0000-4000-8000-000000000001' as StatementId;
const RIGHT = '00000000-0000-4000-8000-000000000002' as StatementId;
const ANOTHER = '00000000-0000-4000-8000-000000000003';
const THERE = 'place-2' as LocationId;
const DESK = { by: 'desk', reason: 'the speakers are swapped' };

const claim = claimEvent(
  statement({ id: RIGHT, party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' }),
  THERE,
  'salt',
);
const about = (type: LaterEvent['type'], data: object = {}): LaterEvent =>
  ({ eventId: NEW, type, schemaVersion: 1, stream: PLACE, statementId: WRONG, data }) as LaterEvent;
const voided = (data: object = {}) => about('statement.voided', data);
const reinstated = about('statement.reinstated');
const retracted = (retractionId: string) => about('claim.retracted', { retractionId });

describe('a correction of a statement about which this was recorded', () => {
  const corrected = accept({
    claim: { ...claim, data: { ...claim.data, corrects: WRONG }, by: 'desk' },
    voided: {
      eventId: correctionEventId(WRONG, RIGHT),
      type: 'statement.voided',
      schemaVersion: 1,
      stream: PLACE,
      statementId: WRONG,
      data: { replacedBy: RIGHT, reason: DESK.reason },
      by: 'desk',
    },
  });
  const conflict = refused('correction-conflict', '/statementId');

  it.each<[given: string, LaterEvent[], then: object]>([
    ['nothing: the right statement, on its own place, and a void where the wrong one is', [], corrected],
    ['a void and a reinstatement', [voided(), reinstated], corrected],
    [
      'a correction, a reinstatement and a void',
      [voided({ replacedBy: ANOTHER }), reinstated, voided()],
      corrected,
    ],
    ['a void, then a correction', [voided(), voided({ replacedBy: ANOTHER })], conflict],
    [
      'two retractions, of which one is voided',
      [retracted('one'), retracted('two'), voided({ retractionId: 'one' })],
      conflict,
    ],
    [
      'two retractions, of which both are voided',
      [retracted('one'), retracted('two'), voided({ retractionId: 'one' }), voided({ retractionId: 'two' })],
      corrected,
    ],
  ])('%s', (_given, given, then) =>
    expect(decideCorrection(DESK, { stream: PLACE, statementId: WRONG, later: given }, claim)).toEqual(then),
  );
});

it.each<[who: string, when: object, by: string | undefined]>([
  ['the correction says', { by: 'desk', statement: { by: 'worker-7' } }, 'desk'],
  ['only its statement says', { statement: { by: 'worker-7' } }, 'worker-7'],
  ['nobody says', { statement: {} }, undefined],
])('who makes a correction, where %s', (_who, { statement: fields, ...when }: { statement?: object }, by) => {
  const said = {
    stance: 'assert',
    claim: { predicate: 'captured', actor: 'russia' },
    location: { id: PLACE },
    speaker: { party: 'russia' },
    statedAt: '2025-11-20',
  };
  const parsed = parseCorrection({ reason: DESK.reason, ...when, statement: { ...said, ...fields } }, NOW);
  expect(parsed.ok && parsed.value.by).toBe(by);
});
