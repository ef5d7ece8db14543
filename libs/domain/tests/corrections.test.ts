import { describe, expect, test } from '@jest/globals';
import { claimEvent, decideVoiding, standingVoidings, type LaterEvent } from '../src/decisions/decide.js';
import { contentDigestOf } from '../src/decisions/content-digest.js';
import { correctionEventId, type EventId, type LocationId } from '../src/values/identity.js';
import { decideCorrection, isCorrectionOf, parseCorrection } from '../src/decisions/correction.js';
import { type ClaimEvent } from '../src/events/events.js';
import { type Remarks } from '../src/statement/remarks.js';
import { Log, NOW, PLACE, stateOf, statement, type Line } from './story.js';

const WRONG: Line = { party: 'ukraine', predicate: 'captured', actor: 'ukraine', statedAt: '2025-11-20' };
const RIGHT: Line = { party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' };
const OTHER: Line = { party: 'dnr', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' };
const DESK = { by: 'desk', reason: 'the speakers are swapped' };
const ID = 'a-new-event' as EventId;

const targetOf = (log: Log, { stream, statementId }: ClaimEvent) => ({
  stream,
  statementId: statementId!,
  later: log.laterOf(statementId!) as LaterEvent[],
});
const mark = (log: Log, claim: ClaimEvent, voided: boolean, remarks: Remarks) => {
  const decided = decideVoiding(
    voided,
    targetOf(log, claim),
    remarks,
    `mark-${log.events.length}` as EventId,
  );
  return 'event' in decided ? { event: log.append(decided.event)! } : decided;
};
const correct = (log: Log, claim: ClaimEvent, line: Line, remarks = DESK) =>
  decideCorrection(remarks, targetOf(log, claim), claimEvent(statement(line), PLACE, 'salt'));
const conflict = {
  ok: false,
  refusal: { code: 'correction-conflict', errors: [{ pointer: '/statementId' }] },
};

describe('a void that comes again', () => {
  test('with the same remarks changes nothing, also after others have said theirs', () => {
    const log = new Log();
    const claim = log.claim(WRONG);
    const first = mark(log, claim, true, DESK) as { event: LaterEvent };
    const second = mark(log, claim, true, { by: 'another desk', reason: DESK.reason }) as {
      event: LaterEvent;
    };
    const third = mark(log, claim, true, { by: DESK.by, reason: 'the page was cut' }) as {
      event: LaterEvent;
    };
    for (const { event } of [first, second, third])
      expect(mark(log, claim, true, { by: event.by, reason: event.data.reason })).toEqual({ before: event });
    expect(standingVoidings(log.laterOf(claim.statementId!), claim.statementId!)).toEqual([
      first.event,
      second.event,
      third.event,
    ]);
    expect(stateOf(log.events).status).toBe('unclaimed');
  });

  test('after a reinstatement is a new void, though it says the same', () => {
    const log = new Log();
    const claim = log.claim(WRONG);
    mark(log, claim, true, DESK);
    mark(log, claim, false, DESK);
    expect(mark(log, claim, true, DESK)).toMatchObject({ event: { type: 'statement.voided' } });
    expect(standingVoidings(log.laterOf(claim.statementId!), claim.statementId!)).toHaveLength(1);
  });

  test('adds the reason that a void from before reasons were asked for lacks', () => {
    const log = new Log();
    const claim = log.claim(WRONG);
    log.append({
      eventId: ID,
      type: 'statement.voided',
      schemaVersion: 1,
      stream: claim.stream,
      statementId: claim.statementId!,
      data: {},
    });
    expect(mark(log, claim, true, DESK)).toMatchObject({
      event: { data: { reason: DESK.reason }, by: 'desk' },
    });
  });
});

describe('a reinstatement that comes again', () => {
  test('with other remarks is recorded; with none, or the same, it changes nothing', () => {
    const log = new Log();
    const claim = log.claim(WRONG);
    expect(mark(log, claim, false, {})).toEqual({ before: undefined });
    expect(mark(log, claim, false, DESK)).toEqual({ before: undefined });
    mark(log, claim, true, DESK);
    const { event } = mark(log, claim, false, { by: 'desk' }) as { event: LaterEvent };
    expect(mark(log, claim, false, {})).toEqual({ before: event });
    expect(mark(log, claim, false, { by: 'desk' })).toEqual({ before: event });
    expect(mark(log, claim, false, { reason: 'it was right' })).toMatchObject({
      event: { type: 'statement.reinstated', data: { reason: 'it was right' } },
    });
    expect(stateOf(log.events).status).toBe('claimed');
  });
});

describe('a correction', () => {
  test('voids, records and links: the state is that of the right statement alone, and before it that of the wrong one', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const before = log.events.at(-1)!.recordedAt;
    const right = log.correct(wrong, RIGHT)!;
    const voided = log.events.at(-1)!;
    expect(right).toMatchObject({ data: { corrects: wrong.statementId }, by: 'curator' });
    expect(voided).toMatchObject({
      type: 'statement.voided',
      stream: PLACE,
      statementId: wrong.statementId,
      data: { replacedBy: right.statementId, reason: 'a mistake' },
      by: 'curator',
    });
    expect(voided.eventId).toBe(correctionEventId(wrong.statementId!, right.statementId!));
    expect(stateOf(log.events)).toMatchObject({
      status: 'claimed',
      statements: 1,
      control: [{ holder: 'russia' }],
    });
    expect(stateOf(log.events, { knownAt: before })).toMatchObject({
      status: 'claimed',
      statements: 1,
      control: [{ holder: 'ukraine' }],
    });
  });

  test('takes the statement to another place, and leaves the first one without it', () => {
    const log = new Log();
    const there = 'place-9' as LocationId;
    log.correct(log.claim(WRONG), RIGHT, there);
    expect(stateOf(log.events)).toMatchObject({ status: 'unclaimed', statements: 0 });
    expect(stateOf(log.events, {}, there)).toMatchObject({ status: 'claimed', statements: 1 });
  });

  test('may be corrected itself: a chain; only its end counts', () => {
    const log = new Log();
    const second = log.correct(log.claim(WRONG), RIGHT)!;
    const third = log.correct(second, OTHER)!;
    expect(third.data.corrects).toBe(second.statementId);
    expect(stateOf(log.events).control[0]!.assertedBy.map(({ statementId }) => statementId)).toEqual([
      third.statementId,
    ]);
  });

  test('of what is voided, but not corrected, is recorded beside that void', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    mark(log, wrong, true, DESK);
    const right = log.correct(wrong, RIGHT)!;
    expect(
      standingVoidings(log.laterOf(wrong.statementId!), wrong.statementId!).map(
        ({ data }) => data.replacedBy,
      ),
    ).toEqual([undefined, right.statementId]);
    expect(stateOf(log.events)).toMatchObject({ statements: 1, control: [{ holder: 'russia' }] });
  });

  test('of what is corrected already is refused, until that one is reinstated; then both count', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const right = log.correct(wrong, RIGHT)!;
    expect(correct(log, wrong, OTHER)).toMatchObject(conflict);
    mark(log, wrong, true, { by: 'desk', reason: 'and the date' });
    expect(correct(log, wrong, OTHER)).toMatchObject({
      ok: false,
      refusal: { detail: expect.stringContaining(right.statementId!) },
    });
    mark(log, wrong, false, DESK);
    expect(stateOf(log.events)).toMatchObject({ status: 'contested', statements: 2 });
    expect(correct(log, wrong, OTHER)).toMatchObject({ ok: true });
  });

  test('of what is retracted is refused: it would count again; not where that retraction is voided', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const { retractionId } = log.retract(wrong, 'ukraine', '2025-11-22').data as { retractionId: string };
    expect(correct(log, wrong, RIGHT)).toMatchObject(conflict);
    log.mark(wrong, true, retractionId);
    expect(correct(log, wrong, RIGHT)).toMatchObject({ ok: true });
    log.mark(wrong, false, retractionId);
    expect(correct(log, wrong, RIGHT)).toMatchObject(conflict);
  });

  test('of a retraction is refused', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const decided = decideCorrection(
      DESK,
      { ...targetOf(log, wrong), retractionId: 'a retraction' },
      claimEvent(statement(RIGHT), PLACE, 'salt'),
    );
    expect(decided).toMatchObject({
      ok: false,
      refusal: { code: 'correction-invalid', errors: [{ pointer: '/statementId' }] },
    });
  });

  test('is none of what is recorded already, unless it was recorded as this one', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const right = log.correct(wrong, RIGHT)!;
    expect(isCorrectionOf(right, wrong.statementId!)).toEqual({ ok: true, value: true });
    expect(isCorrectionOf(right, log.claim(OTHER).statementId!)).toMatchObject({
      ok: false,
      refusal: { code: 'statement-conflict', errors: [{ pointer: '/statement' }] },
    });
    expect(isCorrectionOf(wrong, wrong.statementId!)).toMatchObject({
      ok: false,
      refusal: { code: 'correction-invalid', errors: [{ pointer: '/statement' }] },
    });
  });

  test('is no part of the content by which a statement is known: the right one that comes by itself is a repeat', () => {
    const log = new Log();
    const right = log.correct(log.claim(WRONG), RIGHT)!;
    expect(contentDigestOf(right)).toEqual(statement(RIGHT).digest);
  });

  test('keeps who made the statement, where that is somebody else', () => {
    const log = new Log();
    const wrong = log.claim(WRONG);
    const claim = { ...claimEvent(statement(RIGHT), PLACE, 'salt'), by: 'worker-7' };
    expect(decideCorrection(DESK, targetOf(log, wrong), claim)).toMatchObject({
      ok: true,
      value: { claim: { by: 'worker-7' }, voided: { by: 'desk' } },
    });
  });

  test('names everything that is wrong in it at once', () => {
    const pointers = (input: unknown) => {
      const parsed = parseCorrection(input, NOW);
      return parsed.ok
        ? []
        : [parsed.refusal.code, ...(parsed.refusal.errors ?? []).map(({ pointer }) => pointer)];
    };
    const said = {
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: 'Petrivka' },
      speaker: { party: 'russia' },
      statedAt: '2025-11-20',
    };
    expect(pointers({ ...DESK, statement: said })).toEqual([]);
    expect(pointers({ statement: { ...said, stance: 'perhaps', statedAt: undefined } })).toEqual([
      'correction-invalid',
      '/reason',
      '/statement/stance',
      '/statement/statedAt',
    ]);
    expect(pointers({ by: ' ', reason: 5, colour: 1, statement: said })).toEqual([
      'correction-invalid',
      '/by',
      '/reason',
      '/colour',
    ]);
    expect(pointers(DESK)).toEqual(['correction-invalid', '/statement']);
    for (const input of [undefined, null, 'x', 5, [DESK]])
      expect(pointers(input)[0]).toBe('correction-invalid');
  });
});
