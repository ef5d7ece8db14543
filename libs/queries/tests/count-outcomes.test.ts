import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CountOutcomes, type Outcomes } from '#libs/queries';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';
import { TestLog } from '../../../tests/support/test-log.js';

// The worked examples of docs/domain.md, seen from their speakers: what has become of what they said.

let close: () => Promise<void>;
let models: ModelQueries;
const log = new TestLog();

const RUSSIAN = { name: 'Valery Gerasimov', party: 'russia' };
const UKRAINIAN = { name: 'General Staff', party: 'ukraine' };
const claim = (predicate: string, actor: string, more: object = {}) => ({ predicate, actor, ...more });

beforeAll(async () => {
  const database = await openDatabase();
  ({ close } = database);
  const generation = await newGeneration(database.pool, log);
  ({ models } = generation);
  const russia = (place: string, more: object = {}) =>
    log.claim(place, {
      speaker: RUSSIAN,
      claim: claim('captured', 'russia'),
      statedAt: '2025-11-20',
      ...more,
    });
  const ukraine = (place: string, more: object) =>
    log.claim(place, { speaker: UKRAINIAN, statedAt: '2025-11-21', ...more });

  russia('kupiansk');
  ukraine('kupiansk', { stance: 'deny', claim: claim('captured', 'russia') });
  russia('siversk', { source: { outlet: 'Example.ORG' } });
  ukraine('siversk', { claim: claim('withdrew', 'ukraine') });
  russia('alone');
  log.mark(russia('mistake'), true);
  log.retract(russia('back'), '2025-11-22');
  russia('hint', { claim: claim('captured', 'russia', { modality: 'intended' }) });
  russia('battle', { claim: { predicate: 'fighting' } });
  // Of a place that is merged, the claim stands where it was merged into.
  log.command({ kind: 'reconcile', id: 'alone', names: [{ name: 'Alone' }], country: 'UA' });
  log.mention('old');
  log.command({ kind: 'merge', id: 'old', into: 'alone' });
  russia('old', { statedAt: '2025-11-21' });
  // Both claims for others are taken back by the later claim to hold all of it (Step 3).
  log.claim('moved', {
    speaker: { name: 'Monitor' },
    claim: claim('captured', 'ukraine'),
    statedAt: '2025-11-20',
  });
  log.claim('moved', {
    speaker: { name: 'Monitor' },
    claim: claim('captured', 'russia'),
    statedAt: '2025-11-21',
  });
  await generation.projector.handle(log.events);
});
afterAll(() => close());

const outcomes = (of: 'speaker' | 'outlet', name: string, more: object = {}, most?: number) =>
  models.execute(new CountOutcomes({ of, name, ...more }, most));
const counts = ({ outcomes }: Outcomes) =>
  Object.fromEntries(
    outcomes.map(({ outcome, position, count }) => [[position, outcome].filter(Boolean).join(' '), count]),
  );

describe('what has become of what a speaker said', () => {
  it('is counted once for each statement, by the claim that it is for or against', async () => {
    const answer = await outcomes('speaker', 'VALERY  gerasimov');
    expect(counts(answer)).toEqual({
      voided: 1,
      retracted: 1,
      'no-effect': 2,
      'for disputed': 1,
      'for conceded': 1,
      'for claimed': 2,
    });
    expect(answer).toMatchObject({
      statements: 8,
      counted: 8,
      places: 7,
      firstStatedAt: '2025-11-20T00:00:00.000Z',
      lastStatedAt: '2025-11-21T00:00:00.000Z',
    });
  });

  it('tells those who deny and concede apart', async () => {
    expect(counts(await outcomes('speaker', 'General Staff'))).toEqual({
      'against disputed': 1,
      'against withdrawn': 1,
    });
  });

  it('says which claims nobody speaks of any more', async () => {
    expect(counts(await outcomes('speaker', 'Monitor'))).toEqual({ 'for claimed': 1, 'for superseded': 1 });
  });

  it('is the same question for an outlet', async () => {
    expect(counts(await outcomes('outlet', 'example.org'))).toEqual({ 'for conceded': 1 });
  });

  it('follows the newest of many, and those of a time', async () => {
    expect(await outcomes('speaker', RUSSIAN.name, {}, 1)).toMatchObject({
      statements: 8,
      counted: 1,
      outcomes: [{ outcome: 'claimed', position: 'for', count: 1 }],
    });
    expect(await outcomes('speaker', RUSSIAN.name, { to: '2025-11-20T23:59:59.999Z' })).toMatchObject({
      statements: 7,
      counted: 7,
    });
  });

  it('is, as known at a time, what it was then', async () => {
    const { events } = log;
    const database = await openDatabase();
    const whole = await newGeneration(database.pool, log);
    const ask = (filter: object) =>
      whole.models.execute(new CountOutcomes({ of: 'speaker', name: RUSSIAN.name, ...filter }));
    const then: [string, Outcomes][] = [];
    // When each event is projected, the answer of that time is kept
    for (const event of events) {
      await whole.projector.handle([event]);
      then.push([event.recordedAt, await ask({})]);
    }
    // Then the same is answered when all others have come
    for (const [knownAt, answer] of then) expect(await ask({ knownAt })).toEqual(answer);
    expect(new Set(then.map(([, answer]) => JSON.stringify(answer))).size).toBeGreaterThan(8);
    await database.close();
  });

  it('is, as of a time, without what was said later', async () => {
    expect(counts(await outcomes('speaker', RUSSIAN.name, { asOf: '2025-11-20T23:59:59.999Z' }))).toEqual({
      voided: 1,
      'no-effect': 2,
      'for claimed': 4,
    });
  });

  it('is nothing where nobody of that name has spoken', async () => {
    expect(await outcomes('speaker', 'nobody')).toMatchObject({
      statements: 0,
      counted: 0,
      places: 0,
      firstStatedAt: null,
      outcomes: [],
    });
  });
});
