import { expect, it } from '@jest/globals';
import {
  decideVoiding,
  parseBody,
  remarksSchema,
  voidSchema,
  type EventId,
  type LaterEvent,
  type Remarks,
  type StatementId,
} from '#libs/domain';
import { NEW, refused } from './given.js';
import { PLACE } from './story.js';

// What repeats of a void and of a reinstatement do is in corrections.test.ts.

const STATEMENT = '00000000-0000-4000-8000-000000000001' as StatementId;
const RETRACTION = '00000000-0000-4000-8000-000000000002';
const ANOTHER = '00000000-0000-4000-8000-000000000003';
const DESK = { by: 'desk', reason: 'the speakers are swapped' };

const about = <T extends LaterEvent['type']>(type: T, data: object, by?: string, eventId = NEW): LaterEvent =>
  ({
    eventId,
    type,
    schemaVersion: 1,
    stream: PLACE,
    statementId: STATEMENT,
    data,
    ...(by && { by }),
  }) as LaterEvent;
const voided = (data: object = {}, by?: string) => about('statement.voided', data, by);
const reinstated = (data: object = {}, by?: string) => about('statement.reinstated', data, by);
const retracted = about('claim.retracted', { retractionId: RETRACTION });
const recorded = (event: LaterEvent, id: string): LaterEvent => ({ ...event, eventId: id as EventId });

interface When extends Remarks {
  void: boolean;
  retraction?: string;
}
/** The events about a statement, then the command on it, or on a retraction of it. */
const decide = (given: LaterEvent[], { void: wanted, retraction, ...remarks }: When) =>
  decideVoiding(
    wanted,
    {
      stream: PLACE,
      statementId: STATEMENT,
      later: given,
      ...(retraction !== undefined && { retractionId: retraction }),
    },
    remarks,
    NEW,
  );

const ofRetraction = { retractionId: RETRACTION };
const first = recorded(voided(), 'first');

it.each<[rule: string, given: LaterEvent[], when: When, then: object]>([
  [
    'a statement is voided, with who says so and why',
    [],
    { void: true, ...DESK },
    { event: voided({ reason: DESK.reason }, 'desk') },
  ],
  [
    'a voided statement is reinstated; nobody has to say why',
    [voided({ reason: DESK.reason }, 'desk')],
    { void: false },
    { event: reinstated() },
  ],
  [
    'a corrected statement is reinstated: the correction is its own statement',
    [voided({ replacedBy: ANOTHER }, 'desk')],
    { void: false, ...DESK },
    { event: reinstated({ reason: DESK.reason }, 'desk') },
  ],
  [
    'a retraction is voided: the event is on its statement, and names it',
    [retracted],
    { void: true, retraction: RETRACTION, ...DESK },
    { event: voided({ ...ofRetraction, reason: DESK.reason }, 'desk') },
  ],
  [
    'a voided retraction is reinstated',
    [retracted, voided(ofRetraction)],
    { void: false, retraction: RETRACTION, by: 'desk' },
    { event: reinstated(ofRetraction, 'desk') },
  ],
  [
    'the void of a statement is none of its retraction',
    [retracted, voided({ reason: DESK.reason }, 'desk')],
    { void: true, retraction: RETRACTION, ...DESK },
    { event: voided({ ...ofRetraction, reason: DESK.reason }, 'desk') },
  ],
  [
    'the void of a retraction is none of its statement',
    [retracted, voided(ofRetraction)],
    { void: false, ...DESK },
    { before: undefined },
  ],
  [
    'the void of a retraction is none of another one',
    [retracted, voided(ofRetraction)],
    { void: false, retraction: ANOTHER },
    { before: undefined },
  ],
  [
    'a void that adds nothing is answered with the first',
    [first, voided()],
    { void: true },
    { before: first },
  ],
])('%s', (_rule, given, when, then) => expect(decide(given, when)).toEqual(then));

it.each<[body: unknown, pointers: string[]]>([
  [{}, ['/by', '/reason']],
  [{ by: 'desk' }, ['/reason']],
  [{ by: ' ', reason: 'a slip' }, ['/by']],
  [{ ...DESK, statementId: STATEMENT }, ['/statementId']],
])('a void says by whom and why, or is refused: %j', (body, pointers) => {
  expect(parseBody(voidSchema, body)).toEqual(refused('command-invalid', ...pointers));
});

it('a reinstatement may say neither', () => {
  expect(parseBody(remarksSchema, {})).toEqual({ ok: true, value: {} });
});
