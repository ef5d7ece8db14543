import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimEvent } from '../src/decisions/decide.js';
import { AsOfIndex } from '../src/state/as-of-index.js';
import { derive, deriveMoment, visible, type BitemporalPoint } from '../src/state/derive.js';
import { locationState } from '../src/state/location-state.js';
import { PlaceFold } from '../src/state/place-fold.js';
import { compareStatements } from '../src/events/recorded-statement.js';
import { type LocationId } from '../src/values/identity.js';
import { type RecordedEvent } from '../src/events/events.js';
import { referenceHistory, referenceStatus, referenceUnknown } from './reference.js';
import { content, fold, Log, PLACE, ruleset, SHARDS, stateOf, statement, type Line } from './story.js';

const RUNS = { numRuns: 1000 };

const moment = fc.integer({ min: 1, max: 12 }).map((day) => `2025-11-${String(day).padStart(2, '0')}`);

/** Few parties and predicates, so that concessions and what they discount meet often. */
const narrow: fc.Arbitrary<Line> = fc.record({
  party: fc.constantFrom('russia', 'dnr', 'ukraine'),
  stance: fc.constantFrom('assert' as const, 'deny' as const),
  predicate: fc.constantFrom('captured', 'withdrew'),
  actor: fc.constantFrom('russia', 'ukraine'),
  statedAt: moment,
});

const wide: fc.Arbitrary<Line> = fc
  .record({
    voice: fc.constantFrom<Partial<Line>>(
      { party: 'russia' },
      { party: 'russia', name: 'Valery Gerasimov' },
      { party: 'dnr' },
      { party: 'ukraine' },
      { party: 'Ukrainian military', name: 'A spokesman' },
      { party: 'm23' },
      { party: 'rusia' },
      { name: 'First monitor' },
      { name: 'Second monitor' },
      { outlet: 'example.org', via: ['valery gerasimov'] },
    ),
    stance: fc.constantFrom('assert' as const, 'deny' as const),
    predicate: fc.constantFrom(
      'captured',
      'controls',
      'lost',
      'withdrew',
      'captured',
      'controls',
      'lost',
      'withdrew',
      'encircled',
      'entered',
      'fighting',
    ),
    actor: fc.constantFrom('russia', 'dnr', 'ukraine', 'm23', 'rusia'),
    statedAt: moment,
    publishedAt: fc.option(moment, { nil: undefined }),
    extent: fc.option(
      fc.constantFrom(
        { op: '>', percent: 80 },
        { op: '=', percent: 80 },
        { op: '>=', percent: 100 },
        { op: '<', percent: 50 },
        { part: 'north' },
      ),
      { nil: undefined, freq: 4 },
    ),
    modality: fc.constantFrom('actual', 'actual', 'actual', 'actual', 'intended', 'conditional'),
    certainty: fc.constantFrom('plain', 'plain', 'plain', 'plain', 'hedged'),
  })
  .map(({ voice, ...rest }) => ({ ...rest, ...voice }));

const line = fc.oneof(narrow, wide);

/** A story: statements, some retracted, voided, reinstated, corrected, in any order of recording that the log allows. */
const step = fc.oneof(
  { weight: 6, arbitrary: line.map((said) => ({ say: said })) },
  { weight: 1, arbitrary: fc.record({ retract: fc.nat(), at: moment }) },
  { weight: 1, arbitrary: fc.record({ mark: fc.nat(), voided: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ markRetraction: fc.nat(), voided: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ correct: fc.nat(), right: line, elsewhere: fc.boolean() }) },
);
const story = fc.array(step, { minLength: 1, maxLength: 25 });

/** The place of some corrections, in another shard. */
const APART = 'place-apart' as LocationId;

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function record(steps: readonly Step[], place = PLACE): Log {
  const log = new Log();
  const claims: ReturnType<Log['claim']>[] = [];
  const retractions: { claim: ReturnType<Log['claim']>; id: string }[] = [];
  for (const step of steps) {
    if ('say' in step) {
      const claim = log.append(claimEvent(statement(step.say), place, 'salt')) as
        ReturnType<Log['claim']> | undefined;
      if (claim) claims.push(claim);
    } else if ('retract' in step) {
      const claim = claims[step.retract % Math.max(1, claims.length)];
      if (!claim?.data.speaker?.party) continue;
      const event = log.retract(claim, claim.data.speaker.party, step.at);
      retractions.push({ claim, id: (event.data as { retractionId: string }).retractionId });
    } else if ('mark' in step) {
      const claim = claims[step.mark % Math.max(1, claims.length)];
      if (claim) log.mark(claim, step.voided);
    } else if ('correct' in step) {
      const claim = claims[step.correct % Math.max(1, claims.length)];
      const right = claim && log.correct(claim, step.right, step.elsewhere ? APART : place);
      if (right) claims.push(right);
    } else {
      const retraction = retractions[step.markRetraction % Math.max(1, retractions.length)];
      if (retraction) log.mark(retraction.claim, step.voided, retraction.id);
    }
  }
  return log;
}

/** Two sides concede at one moment; the order of their first mentions depends on a statement that is retracted by then. */
const TWO_CONCESSIONS: Step[] = [
  { say: { party: 'ukraine', predicate: 'captured', actor: 'russia', statedAt: '2025-11-01' } },
  { say: { party: 'russia', predicate: 'withdrew', actor: 'russia', statedAt: '2025-11-02' } },
  { retract: 0, at: '2025-11-02' },
  { say: { party: 'm23', stance: 'deny', predicate: 'withdrew', actor: 'm23', statedAt: '2025-11-01' } },
  { say: { party: 'ukraine', predicate: 'withdrew', actor: 'ukraine', statedAt: '2025-11-02' } },
  { say: { party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-01' } },
];

const timelineOf = (events: readonly RecordedEvent[]) => fold(events).history(PLACE).timeline;

/** Whether the state at a point, and the history up to it, are those of the literal reading of the rules. */
function expectByTheRules(events: readonly RecordedEvent[], point: BitemporalPoint): void {
  const timeline = timelineOf(events);
  const derived = derive(timeline, ruleset, point);
  const expected = referenceStatus(timeline, ruleset, point);
  const shown = (key: string) => key.replace(/^(side|party):/, '');
  expect(derived.status).toBe(expected.status);
  expect(Object.fromEntries(derived.control.map(({ holder, standing }) => [holder, standing]))).toEqual(
    Object.fromEntries(
      Object.entries(expected.standing).map(([holder, standing]) => [shown(holder), standing]),
    ),
  );
  expect(
    derived.history.map(({ from, status, holders, eventId }) => ({ from, status, holders, eventId })),
  ).toEqual(
    referenceHistory(timeline, ruleset, point).map(({ open, ...rest }) => ({
      ...rest,
      holders: open.map(shown).sort(),
    })),
  );
  expect(new Set(derived.control.filter(({ known }) => !known).map(({ holder }) => holder))).toEqual(
    new Set(
      Object.keys(expected.standing)
        .filter((key) => key.startsWith('party:'))
        .map(shown),
    ),
  );
  const unknown = Object.entries(referenceUnknown(timeline, ruleset, point)).map(([holder, events]) => [
    shown(holder) || null,
    events.slice(0, 50),
    Math.max(0, events.length - 50),
  ]);
  const flagged = derived.flags
    .filter(({ flag }) => flag === 'unknownParty')
    .map(({ holder, evidence, more = 0 }) => [holder, evidence, more]);
  expect(new Set(flagged)).toEqual(new Set(unknown));
  const { since, history, ...moment } = derived;
  expect(since).toBe(history.at(-1)?.from ?? null);
  expect(deriveMoment(visible(timeline, point), ruleset, point, false)).toEqual(moment);
}

describe('the state of a place', () => {
  it('is what the rules say, read literally, with its whole history', () => {
    fc.assert(
      fc.property(
        story,
        fc.option(moment, { nil: undefined }),
        fc.option(fc.nat({ max: 30 }), { nil: undefined }),
        (steps, asOf, known) => {
          const { events } = record(steps);
          expectByTheRules(events, {
            asOf: asOf === undefined ? null : `${asOf}T00:00:00.000Z`,
            knownAt:
              known === undefined ? null : (events[known % Math.max(1, events.length)]?.recordedAt ?? null),
          });
        },
      ),
      RUNS,
    );
  });

  it('is so where each speaker has said much', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 700, maxLength: 900 }), (steps) => {
        // In many outlets, so that they are many statements.
        expectByTheRules(
          record(
            steps.map((one, at) =>
              'say' in one ? { say: { ...one.say, outlet: `${at % 9}.example` } } : one,
            ),
          ).events,
          {},
        );
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });

  it('does not depend on the order, the batches or the repetition of what arrives', () => {
    fc.assert(
      fc.property(
        fc
          .array(line, { maxLength: 20 })
          .chain((lines) =>
            fc.tuple(
              fc.constant(lines),
              fc.shuffledSubarray([...lines, ...lines], { minLength: lines.length * 2 }),
            ),
          ),
        ([lines, shuffled]) => {
          const log = new Log();
          lines.forEach((one) => log.append(claimEvent(statement(one), PLACE, 'salt')));
          const other = new Log();
          shuffled.forEach((one) => other.append(claimEvent(statement(one), PLACE, 'salt')));
          expect(content(stateOf(other.events))).toEqual(content(stateOf(log.events)));
        },
      ),
      RUNS,
    );
  });

  it('does not depend on the interleaving of shards', () => {
    const elsewhere = 'place-2' as LocationId;
    fc.assert(
      fc.property(story, story, fc.infiniteStream(fc.nat({ max: SHARDS - 1 })), (here, there, choices) => {
        const log = record(here);
        // A statement is about one place: those of other places are other statements.
        const apart = there.map((step) =>
          'say' in step
            ? { say: { ...step.say, via: ['elsewhere'] } }
            : 'correct' in step
              ? { ...step, right: { ...step.right, via: ['elsewhere'] } }
              : step,
        );
        record(apart, elsewhere).events.forEach((event) =>
          log.append({ ...event, eventId: `${event.eventId}-2` as never }),
        );
        log.register('location.merged', { locationId: elsewhere, into: PLACE });
        const queues = Array.from({ length: SHARDS }, (_, shard) =>
          log.events.filter((event) => event.shard === shard),
        );
        const interleaved: RecordedEvent[] = [];
        for (const choice of choices) {
          if (queues.every((queue) => queue.length === 0)) break;
          const event = (
            queues[choice]!.length > 0 ? queues[choice]! : queues.find((queue) => queue.length > 0)!
          ).shift()!;
          interleaved.push(event);
        }
        expect(stateOf(interleaved)).toEqual(stateOf(log.events));
      }),
      RUNS,
    );
  });

  it('asOf a time is the state of what was stated up to it', () => {
    fc.assert(
      fc.property(story, moment, (steps, day) => {
        const { events } = record(steps);
        const asOf = `${day}T00:00:00.000Z`;
        const late = new Set(
          events
            .filter(
              (event) =>
                event.type.startsWith('claim.') && 'statedAt' in event.data && event.data.statedAt > asOf,
            )
            .map(({ eventId }) => eventId),
        );
        const gone = new Set(
          events
            .filter(({ eventId, type }) => late.has(eventId) && type !== 'claim.retracted')
            .map(({ statementId }) => statementId),
        );
        const goneRetractions = new Set(
          events
            .filter(({ eventId, type }) => late.has(eventId) && type === 'claim.retracted')
            .map(({ data }) => (data as { retractionId: string }).retractionId),
        );
        const upTo = events.filter(
          (event) =>
            !late.has(event.eventId) &&
            !gone.has(event.statementId) &&
            !('retractionId' in event.data && goneRetractions.has(event.data.retractionId!)),
        );
        expect(content(stateOf(events, { asOf }))).toEqual(content(stateOf(upTo)));
      }),
      RUNS,
    );
  });

  it('asOf a time is the same by an as-of index, wherever its snapshots are', () => {
    fc.assert(
      fc.property(
        story,
        fc.array(fc.constantFrom(undefined, 'Petrivka', 'petrivka', 'Berezivka'), { minLength: 1 }),
        fc.integer({ min: 1, max: 8 }),
        fc.uniqueArray(moment, { minLength: 3, maxLength: 3 }),
        (steps, names, stride, days) => {
          const { events } = record(
            steps.map((step, at) =>
              'say' in step
                ? {
                    say: {
                      ...step.say,
                      named: names[at % names.length],
                      coordinates: at % 3 === 0 ? [at, at] : undefined,
                    },
                  }
                : step,
            ),
          );
          const history = fold(events).history(PLACE);
          const index = new AsOfIndex(history, ruleset, stride);
          for (const asOf of [
            null,
            '2025-10-31T12:00:00.000Z',
            ...days.map((day) => `${day}T00:00:00.000Z`),
          ]) {
            const { state } = locationState(history, ruleset, { asOf });
            expect(index.at(asOf, state.since)).toEqual(state);
          }
        },
      ),
      { ...RUNS, examples: [[TWO_CONCESSIONS, ['Petrivka'], 1, ['2025-11-01', '2025-11-02', '2025-11-03']]] },
    );
  });

  it('is the same by a fold that goes on, in whatever order statements come, and whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 50 }),
        fc.array(fc.constantFrom(undefined, 'Petrivka', 'petrivka', 'Berezivka'), { minLength: 1 }),
        fc.nat({ max: 20 }),
        fc.integer({ min: 0, max: 12 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat({ max: 3 })),
        (steps, names, begun, continued, isInOrder, asked) => {
          const { events } = record(
            steps.map((step, at) =>
              'say' in step
                ? { say: { ...step.say, named: names[at % names.length], coordinates: undefined } }
                : step,
            ),
          );
          const { timeline, ...place } = fold(events).history(PLACE);
          // What is said later comes neither retracted nor voided.
          const plain = timeline.filter((one) => one.retractions.length + one.marks.length === 0);
          const later = isInOrder ? plain.toSorted(compareStatements).slice(begun) : plain.slice(begun);
          const sofar = timeline.filter((one) => !later.includes(one));
          const going = new PlaceFold({ ...place, timeline: sofar }, ruleset, continued);
          const expectSame = () =>
            expect(JSON.stringify(going.fold())).toBe(
              JSON.stringify(locationState({ ...place, timeline: sofar }, ruleset)),
            );
          expectSame();
          for (const one of later) {
            sofar.push(one);
            going.add(one);
            if (asked.next().value > 0) expectSame();
          }
          expectSame();
        },
      ),
      RUNS,
    );
  });

  it('knownAt a time is the state of what was recorded up to it', () => {
    fc.assert(
      fc.property(story, fc.nat(), (steps, n) => {
        const { events } = record(steps);
        const knownAt = events[n % Math.max(1, events.length)]?.recordedAt ?? null;
        if (!knownAt) return;
        const { asOf: _a, knownAt: _k, ...then } = stateOf(events, { knownAt });
        const {
          asOf: _b,
          knownAt: _l,
          ...expected
        } = stateOf(events.filter(({ recordedAt }) => recordedAt <= knownAt));
        expect(then).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('is as if what was corrected had never been recorded, whatever corrected it', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { events } = record(steps.filter((step) => !('mark' in step)));
        const replaced = new Set(
          events.flatMap((event) => ('replacedBy' in event.data ? [event.statementId] : [])),
        );
        const left = events.filter(({ statementId }) => !replaced.has(statementId));
        for (const place of [PLACE, APART])
          expect(content(stateOf(events, {}, place))).toEqual(content(stateOf(left, {}, place)));
      }),
      RUNS,
    );
  });

  it('of two merged places is that of one place with all of it; unmerged, both are as before', () => {
    const other = 'place-2' as LocationId;
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.boolean()), { maxLength: 20 }), (lines) => {
        const apart = new Log();
        const together = new Log();
        for (const [one, here] of lines) {
          apart.append(claimEvent(statement(one), here ? PLACE : other, 'salt'));
          together.append(claimEvent(statement(one), PLACE, 'salt'));
        }
        const before = [stateOf(apart.events), stateOf(apart.events, {}, other)].map(content);
        apart.register('location.merged', { locationId: other, into: PLACE });
        const { merged: _m, ...joined } = content(stateOf(apart.events));
        const { merged: _n, ...recorded } = content(stateOf(together.events));
        expect(joined).toEqual(recorded);
        expect(stateOf(apart.events, {}, other)).toEqual(stateOf(apart.events));
        apart.register('location.unmerged', { locationId: other, from: PLACE });
        expect([stateOf(apart.events), stateOf(apart.events, {}, other)].map(content)).toEqual(before);
      }),
      RUNS,
    );
  });
});
