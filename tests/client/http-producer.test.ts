import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProducer, readEvents, Refused, type PlacedEvent, type Refusal } from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { Random } from '../support/random.js';
import { failure, said, upTo } from './said.js';
import { Unsteady, type Fate } from './unsteady.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

async function eventsOf(ids: readonly string[]): Promise<PlacedEvent[]> {
  const found: PlacedEvent[] = [];
  for await (const event of readEvents({ url: running.url, follow: false }))
    if (ids.includes(event.statementId!)) found.push(event);
  return found;
}

describe('statements over HTTP', () => {
  test('one, an array and iterables are recorded under the ids that were answered', async () => {
    const claimline = createProducer({ url: running.url });
    const [given] = await claimline.produce(said(1, { statementId: '0F000000-0000-4000-8000-000000000001' }));
    expect(given).toBe('0f000000-0000-4000-8000-000000000001');
    const ids = await claimline.produce(upTo(3).map((number) => said(number)));
    expect(new Set(ids).size).toBe(3);
    expect(await claimline.produce(new Set([said(10), said(11)]))).toBe(2);
    async function* coming() {
      yield said(12);
      yield said(13);
    }
    expect(await claimline.produce(coming())).toBe(2);
    await claimline.flush();
    expect(await eventsOf([given!, ...ids])).toHaveLength(4);
    const all: string[] = [];
    for await (const event of readEvents({ url: running.url, follow: false, types: ['claim.asserted'] }))
      all.push(event.data.source!.url!);
    expect(all.toSorted()).toEqual(
      [1, 0, 1, 2, 10, 11, 12, 13].map((number) => `https://outlet.example/${number}`).toSorted(),
    );
    await claimline.close();
  });

  test('a repeat is recorded once, whoever sends it, and has the same id', async () => {
    const claimline = createProducer({ url: running.url });
    const [first] = await claimline.produce(said(100));
    const [second] = await claimline.produce({
      ...said(100),
      by: 'another worker',
      grading: { reliability: 'B' },
    });
    await claimline.close();
    expect(second).toBe(first);
    expect(await eventsOf([first!])).toHaveLength(1);
  });

  test('is sent as it was given, not in the form that it is compared in', async () => {
    const sink = await Unsteady.open(() => ({ body: { results: [{}], token: '' } }));
    const claimline = createProducer({ url: sink.url });
    const given = said(1, {
      location: { name: '  Kupyansk ', country: 'ua' },
      statedAt: '2025-11-20T10:00:00+02:00',
    });
    const [id] = await claimline.produce(given);
    await claimline.close();
    await sink.close();
    expect(JSON.parse(sink.seen[0]!.body)).toEqual([{ statementId: id, ...given }]);
  });

  test('what the service refuses is reported one by one, and the others are recorded', async () => {
    const refusals: Refusal[] = [];
    const claimline = createProducer({
      url: running.url,
      onRefused: (refusal) => void refusals.push(refusal),
    });
    const statementId = '0f000000-0000-4000-8000-000000000002';
    const [, , last] = await claimline.produce([
      said(200, { statementId }),
      said(201, { statementId, by: 'worker-1' }),
      said(202),
    ]);
    await claimline.flush();
    expect(refusals).toEqual([
      {
        statementId,
        code: 'statement-conflict',
        detail: expect.any(String),
        errors: [{ pointer: '/statementId', detail: expect.any(String) }],
        statement: { ...said(201), by: 'worker-1', statementId },
      },
    ]);
    expect(await eventsOf([statementId, last!])).toHaveLength(2);
    await claimline.close();
  });

  test('without onRefused flush reports it, once', async () => {
    const claimline = createProducer({ url: running.url });
    await claimline.produce([said(300), said(301, { location: { id: 'nowhere' } })]);
    const { refusals, count, message } = await failure(Refused, claimline.flush());
    expect(count).toBe(1);
    expect(refusals[0]).toMatchObject({
      code: 'location-unknown',
      statement: { location: { id: 'nowhere' } },
    });
    expect(message).toContain('location-unknown');
    await claimline.flush();
    await claimline.close();
  });

  test('a strict producer is refused parties that the ruleset does not know; any other has them recorded', async () => {
    const misspelled = said(400, { speaker: { party: 'Rusia' } });
    const refused: string[] = [];
    const strict = createProducer({
      url: running.url,
      strict: true,
      onRefused: ({ code, errors }) => void refused.push(`${code} ${errors![0]!.pointer}`),
    });
    const [unknown, known] = await strict.produce([misspelled, said(401)]);
    await strict.flush();
    expect(refused).toEqual(['party-unknown /speaker/party']);
    await strict.retract(known!, { statedAt: '2025-11-21', speaker: { party: 'Rusia' } });
    await strict.close();
    expect(refused).toEqual(['party-unknown /speaker/party', 'party-unknown /speaker/party']);
    expect(await eventsOf([unknown!, known!])).toMatchObject([{ statementId: known }]);
    const lenient = createProducer({ url: running.url });
    await lenient.produce(misspelled);
    await lenient.close();
    expect(await eventsOf([unknown!])).toHaveLength(1);
    expect(() => createProducer({ brokers: ['127.0.0.1:1'], strict: true })).toThrow('strict needs url');
  });
});

describe('commands over HTTP', () => {
  const back = { statedAt: '2025-11-21', speaker: { party: 'russia' }, source: { outlet: 'outlet.example' } };

  test('follow their statements', async () => {
    const claimline = createProducer({ url: running.url });
    const statementId = '0f000000-0000-4000-8000-000000000003';
    const [produced, retracted, voided, undone] = await Promise.all([
      claimline.produce(said(400, { statementId })),
      claimline.retract(statementId, back),
      claimline.void(statementId, { reason: 'read from the wrong page', by: 'worker-1' }),
      claimline
        .retract(statementId, back)
        .then((id) =>
          claimline.void(
            id,
            { reason: 'it was said of another town', by: 'worker-1' },
            { about: statementId },
          ),
        ),
    ]);
    await claimline.close();
    expect([produced, voided, undone]).toEqual([[statementId], undefined, undefined]);
    const events = await eventsOf([statementId]);
    expect(events.map(({ type }) => type)).toEqual([
      'claim.asserted',
      'claim.retracted',
      'statement.voided',
      'statement.voided',
    ]);
    expect(events[1]!.data).toMatchObject({ retractionId: retracted });
    expect(events[2]).toMatchObject({ by: 'worker-1', data: { reason: 'read from the wrong page' } });
    expect(events[3]!.data).toMatchObject({ retractionId: retracted });
  });

  test('correct, and give the right statement an id', async () => {
    const claimline = createProducer({ url: running.url, strict: true });
    const statementId = '0f000000-0000-4000-8000-000000000006';
    await claimline.produce(said(600, { statementId }));
    const right = await claimline.correct(statementId, {
      reason: 'another page',
      by: 'desk',
      statement: said(601),
    });
    await claimline.flush();
    expect(
      await claimline.correct(statementId, { reason: 'another page', by: 'desk', statement: said(601) }),
    ).toBe(right);
    await claimline.close();
    const [wrong, voided, ...rest] = await eventsOf([statementId]);
    expect([wrong!.type, voided!.type, rest]).toEqual(['claim.asserted', 'statement.voided', []]);
    expect(voided).toMatchObject({ by: 'desk', data: { reason: 'another page', replacedBy: right } });
    expect(await eventsOf([right])).toMatchObject([{ statementId: right, data: { corrects: statementId } }]);
    const strict = createProducer({ url: running.url, strict: true });
    await strict.correct(right, {
      reason: 'a misspelling',
      by: 'desk',
      statement: said(602, { speaker: { party: 'rusia' } }),
    });
    expect((await failure(Refused, strict.close())).refusals).toMatchObject([
      {
        statementId: right,
        command: 'correct',
        code: 'party-unknown',
        errors: [{ pointer: '/statement/speaker/party' }],
      },
    ]);
  });

  test('that are refused are reported', async () => {
    const refusals: Refusal[] = [];
    const claimline = createProducer({
      url: running.url,
      onRefused: (refusal) => void refusals.push(refusal),
    });
    const [foreign, unknown] = [
      '0f000000-0000-4000-8000-000000000004',
      '0f000000-0000-4000-8000-000000000005',
    ];
    await claimline.produce(said(500, { statementId: foreign }));
    await claimline.retract(foreign, { ...back, speaker: { party: 'ukraine' } });
    await claimline.void(unknown, { reason: 'never sent', by: 'worker-1' });
    await claimline.close();
    expect(refusals).toMatchObject([
      {
        statementId: foreign,
        command: 'retract',
        code: 'retraction-foreign',
        statement: { speaker: { party: 'ukraine' } },
      },
      {
        statementId: unknown,
        command: 'void',
        code: 'statement-not-found',
        detail: expect.not.stringContaining('http'),
        statement: { reason: 'never sent' },
      },
    ]);
  });
});

describe('a service that comes and goes', () => {
  const FATES: Fate[] = [503, 500, 429, 408, 'cut', 'lose', 'half'];

  test.each(upTo(3))('loses nothing, doubles nothing, keeps the order (%s)', async (seed) => {
    const random = new Random(seed + 1);
    const unsteady = await Unsteady.open(running.url);
    unsteady.fate = ({ method }) => (method === 'POST' && random.chance(0.6) ? random.pick(FATES) : 'pass');
    const heard: number[] = [];
    const claimline = createProducer({
      url: unsteady.url,
      maxQueued: 60,
      lingerMs: 0,
      longestRestMs: 5,
      onRetry: (_, attempt) => heard.push(attempt),
    });
    const ids: string[] = [];
    const gone: string[] = [];
    for (const number of upTo(200)) {
      const statementId = random.uuid();
      ids.push(...(await claimline.produce(said(1000 * (seed + 1) + number, { statementId }))));
      if (!random.chance(0.1)) continue;
      const back = random.pick(ids);
      if (gone.includes(back)) continue;
      gone.push(back);
      await claimline.retract(back, {
        statedAt: '2025-11-21',
        speaker: { party: 'russia' },
        source: { outlet: 'outlet.example' },
      });
    }
    await claimline.close();
    expect(heard.length).toBeGreaterThan(3);
    const events = await eventsOf(ids);
    expect(
      events
        .filter(({ type }) => type === 'claim.asserted')
        .map(({ statementId }) => statementId as string)
        .toSorted(),
    ).toEqual(ids.toSorted());
    expect(
      events
        .filter(({ type }) => type === 'claim.retracted')
        .map(({ statementId }) => statementId as string)
        .toSorted(),
    ).toEqual(gone.toSorted());
    await unsteady.close();
  });
});
