import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const DESK = { by: 'desk', reason: 'the speakers are swapped' };
const RIGHT = { ...PLAIN, stance: 'deny', speaker: { name: 'A made-up spokesman', party: 'ukraine' } };
const ID = /^[0-9a-f-]{36}$/;
const post = (id: string, verb: string, body?: unknown, query = '') =>
  running.send('POST', `/v1/statements/${id}/${verb}${query}`, body);
const pointers = ({ json }: { json: { errors?: { pointer: string }[] } }) =>
  (json.errors ?? []).map(({ pointer }) => pointer);
const itemOf = async (id: string, token = '') =>
  (await running.get(`/v1/statements/${id}?after=${token}`)).json;
/** Events after this moment are recorded later than it. */
const tick = () => new Promise((resolve) => setTimeout(resolve, 3));

describe('POST /v1/statements/{id}/void', () => {
  it('needs by and reason, and names what is missing or empty', async () => {
    const { json } = await running.record({ location: { name: 'Needs' } });
    const before = (await running.get('/v1/events?limit=500')).json.token;
    for (const [body, missing] of [
      [undefined, ['/by', '/reason']],
      [{}, ['/by', '/reason']],
      [{ reason: 'swapped' }, ['/by']],
      [{ by: 'desk' }, ['/reason']],
      [{ by: 'desk', reason: '  ' }, ['/reason']],
      [{ by: null, reason: 7 }, ['/by', '/reason']],
      [{ ...DESK, statement: RIGHT }, ['/statement']],
    ] as const) {
      const answer = await post(json.statementId, 'void', body);
      expect([answer.status, answer.json.type, pointers(answer)]).toEqual([
        422,
        'urn:claimline:problem:command-invalid',
        missing,
      ]);
    }
    expect((await running.get('/v1/events?limit=500')).json.token).toBe(before);
  });

  it('keeps what others say of it afterwards, and shows the void that took effect first', async () => {
    const { json } = await running.record({ location: { name: 'Remarked' } });
    const [first, second] = [
      await post(json.statementId, 'void', DESK),
      await post(json.statementId, 'void', { ...DESK, by: 'another desk' }),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await post(json.statementId, 'void', DESK)).toMatchObject({
      status: 200,
      json: { eventId: first.json.eventId, duplicate: true },
    });
    const { voided } = await itemOf(json.statementId, second.json.token);
    expect(voided).toEqual({
      ...DESK,
      onBehalfOf: null,
      eventId: first.json.eventId,
      recordedAt: first.json.recordedAt,
      replacedBy: null,
      further: [
        {
          ...DESK,
          by: 'another desk',
          onBehalfOf: null,
          eventId: second.json.eventId,
          recordedAt: second.json.recordedAt,
        },
      ],
    });
    const back = await running.send('DELETE', `/v1/statements/${json.statementId}/void?by=desk`);
    expect((await itemOf(json.statementId, back.json.token)).voided).toBeNull();
    const anew = await post(json.statementId, 'void', DESK);
    expect((await itemOf(json.statementId, anew.json.token)).voided).toMatchObject({
      eventId: anew.json.eventId,
      further: [],
    });
  });
});

describe('POST /v1/statements/{id}/correct', () => {
  it('answers 201 with the receipt of the right statement and the void of the wrong one, then 200', async () => {
    const { json } = await running.record({ location: { name: 'Corrected' } });
    const body = { ...DESK, statement: { ...RIGHT, location: { name: 'Corrected, too' } } };
    const first = await post(json.statementId, 'correct', body);
    expect(first.status).toBe(201);
    expect(first.json).toEqual({
      statementId: expect.stringMatching(ID),
      eventId: expect.stringMatching(ID),
      type: 'claim.denied',
      locationId: expect.stringMatching(ID),
      resolution: { kind: 'provisional', by: 'name' },
      unknownParties: [],
      corrects: json.statementId,
      voided: {
        eventId: expect.stringMatching(ID),
        shard: json.shard,
        position: expect.any(Number),
        recordedAt: first.json.recordedAt,
      },
      shard: expect.any(Number),
      position: expect.any(Number),
      recordedAt: expect.any(String),
      duplicate: false,
      token: expect.any(String),
    });
    const { shard, position, voided, token } = first.json;
    expect(token.split(',').toSorted()).toEqual(
      [`${shard}:${position}`, `${voided.shard}:${voided.position}`].toSorted(),
    );
    expect(await post(json.statementId, 'correct', body)).toMatchObject({
      status: 200,
      json: { ...first.json, duplicate: true },
    });
    expect(await post(json.statementId, 'correct', { ...body, reason: 'another' })).toMatchObject({
      status: 409,
      json: { type: 'urn:claimline:problem:command-conflict', errors: [{ pointer: '/reason' }] },
    });
    const right = await itemOf(first.json.statementId, token);
    expect(right).toMatchObject({ corrects: json.statementId, by: 'desk', voided: null });
    expect(await itemOf(json.statementId)).toMatchObject({
      corrects: null,
      voided: { ...DESK, eventId: voided.eventId, replacedBy: first.json.statementId, further: [] },
    });
    expect((await running.get(`/v1/events/${voided.eventId}`)).json).toMatchObject({
      type: 'statement.voided',
      schemaVersion: 1,
      by: 'desk',
      data: { reason: DESK.reason, replacedBy: first.json.statementId },
    });
    expect((await running.get(`/v1/events/${first.json.eventId}`)).json).toMatchObject({
      schemaVersion: 1,
      data: { corrects: json.statementId },
    });
  });

  it('shows the link in timelines; known before it, the wrong statement counts and nothing is linked', async () => {
    const place = { name: 'Linked', country: 'UA' };
    const { json } = await running.record({ location: place });
    await tick();
    const { json: corrected } = await post(json.statementId, 'correct', {
      ...DESK,
      statement: { ...RIGHT, location: place },
    });
    const path = `/v1/locations/${json.locationId}`;
    expect((await running.get(`${path}?after=${corrected.token}`)).json).toMatchObject({
      status: 'denied',
      statements: 1,
    });
    const [right, wrong] = (await running.get(`${path}/timeline`)).json.items.toSorted(
      (a: { stance: string }, b: { stance: string }) => (a.stance < b.stance ? 1 : -1),
    );
    expect([right.corrects, wrong.voided.replacedBy]).toEqual([json.statementId, corrected.statementId]);
    expect((await running.get(`${path}?asOf=2025-11-20`)).json.status).toBe('denied');
    const known = `knownAt=${json.recordedAt}`;
    expect((await running.get(`${path}?${known}`)).json).toMatchObject({ status: 'claimed', statements: 1 });
    expect((await running.get(`${path}/timeline?${known}`)).json.items).toMatchObject([
      { statementId: json.statementId, corrects: null, voided: null },
    ]);
    const stream = (await running.get('/v1/events?types=statement.voided&limit=500')).json.items as {
      data: { replacedBy?: string };
    }[];
    expect(stream.some(({ data }) => data.replacedBy === corrected.statementId)).toBe(true);
  });

  it('links statements of two places, before and after a merge of one', async () => {
    const { json } = await running.record({ location: { name: 'First town' } });
    const { json: corrected } = await post(json.statementId, 'correct', {
      ...DESK,
      statement: { ...PLAIN, location: { name: 'Second town' } },
    });
    expect(corrected.locationId).not.toBe(json.locationId);
    expect(
      (await running.get(`/v1/locations/${json.locationId}?after=${corrected.token}`)).json,
    ).toMatchObject({ status: 'unclaimed', statements: 0 });
    expect((await running.get(`/v1/locations/${corrected.locationId}`)).json).toMatchObject({
      status: 'claimed',
      statements: 1,
    });
    await running.send('POST', '/v1/locations', { id: 'town', names: [{ name: 'Town' }] });
    const merged = await running.send('POST', `/v1/locations/${corrected.locationId}/merge`, {
      into: 'town',
      by: 'desk',
    });
    expect(await itemOf(json.statementId, merged.json.token)).toMatchObject({
      voided: { replacedBy: corrected.statementId },
      place: { id: json.locationId },
    });
    expect(await itemOf(corrected.statementId)).toMatchObject({
      corrects: json.statementId,
      place: { id: 'town' },
    });
    expect((await running.get('/v1/locations/town/timeline')).json.items).toMatchObject([
      { corrects: json.statementId },
    ]);
  });

  it('makes a chain; a reinstated link counts beside the rest', async () => {
    const { json } = await running.record({ location: { name: 'Chain' } });
    const say = (statedAt: string) => ({
      ...DESK,
      statement: { ...PLAIN, location: { name: 'Chain' }, statedAt },
    });
    const { json: second } = await post(json.statementId, 'correct', say('2025-11-19'));
    const { json: third } = await post(second.statementId, 'correct', say('2025-11-18'));
    expect((await running.get(`/v1/locations/${json.locationId}?after=${third.token}`)).json).toMatchObject({
      statements: 1,
      lastStatedAt: '2025-11-18T00:00:00.000Z',
    });
    expect(await itemOf(second.statementId)).toMatchObject({
      corrects: json.statementId,
      voided: { replacedBy: third.statementId },
    });
    const back = await running.send(
      'DELETE',
      `/v1/statements/${json.statementId}/void?by=desk&reason=it%20was%20right`,
    );
    expect(
      (await running.get(`/v1/locations/${json.locationId}?after=${back.json.token}`)).json,
    ).toMatchObject({ statements: 2 });
    expect(await itemOf(json.statementId)).toMatchObject({ voided: null });
    expect(await itemOf(second.statementId)).toMatchObject({ corrects: json.statementId });
  });

  it('refuses what it cannot correct, names the field, and records nothing', async () => {
    const { json } = await running.record({ location: { name: 'Refused' }, statedAt: '2025-11-17' });
    const third = (await running.record({ location: { name: 'Third' } })).json;
    const own = { ...PLAIN, location: { name: 'Refused' }, statedAt: '2025-11-17' };
    const before = (await running.get('/v1/events?limit=500')).json.token;
    const to = (statement: unknown, more: object = {}) => ({ ...DESK, statement, ...more });
    for (const [body, status, code, fields] of [
      [undefined, 422, 'correction-invalid', ['/reason', '/statement']],
      [[], 422, 'correction-invalid', ['']],
      [DESK, 422, 'correction-invalid', ['/statement']],
      [to(RIGHT, { reason: undefined }), 422, 'correction-invalid', ['/reason']],
      [to(RIGHT, { by: ' ' }), 422, 'correction-invalid', ['/by']],
      [
        to({ ...RIGHT, stance: 'perhaps', colour: 1 }),
        422,
        'correction-invalid',
        ['/statement/stance', '/statement/colour'],
      ],
      [to(own), 422, 'correction-invalid', ['/statement']],
      [to({ ...own, statementId: json.statementId }), 422, 'correction-invalid', ['/statement']],
      [
        to({ ...RIGHT, statementId: json.statementId }),
        409,
        'statement-conflict',
        ['/statement/statementId'],
      ],
      [
        to({ ...RIGHT, statementId: third.statementId }),
        409,
        'statement-conflict',
        ['/statement/statementId'],
      ],
      [to({ ...PLAIN, location: { name: 'Third' } }), 409, 'statement-conflict', ['/statement']],
      [to({ ...RIGHT, location: { id: 'nowhere' } }), 422, 'location-unknown', ['/statement/location/id']],
    ] as const) {
      const answer = await post(json.statementId, 'correct', body);
      expect([answer.status, answer.json.type, pointers(answer)]).toEqual([
        status,
        `urn:claimline:problem:${code}`,
        fields,
      ]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    const strict = await post(
      json.statementId,
      'correct',
      to({ ...RIGHT, speaker: { party: 'ukrane' } }),
      '?strict=true',
    );
    expect([strict.status, strict.json.type, pointers(strict)]).toEqual([
      422,
      'urn:claimline:problem:party-unknown',
      ['/statement/speaker/party'],
    ]);
    expect((await running.get('/v1/events?limit=500')).json.token).toBe(before);
    for (const id of ['00000000-0000-4000-8000-000000000000', json.eventId, 'nonsense'])
      expect(await post(id, 'correct', to(RIGHT))).toMatchObject({
        status: 404,
        json: { type: 'urn:claimline:problem:statement-not-found' },
      });

    const lenient = await post(json.statementId, 'correct', to({ ...RIGHT, speaker: { party: 'ukrane' } }));
    expect(lenient).toMatchObject({ status: 201, json: { unknownParties: ['ukrane'] } });
    const again = await post(json.statementId, 'correct', to(RIGHT));
    expect([again.status, again.json.type, pointers(again)]).toEqual([
      409,
      'urn:claimline:problem:correction-conflict',
      ['/statementId'],
    ]);
    expect(again.json.detail).toContain(lenient.json.statementId);
  });

  it('refuses what is retracted, and a retraction', async () => {
    const { json } = await running.record({ location: { name: 'Taken back' } });
    const retractionId = '7d9e4a62-0b3f-4f8a-8c21-5e6d7f809a1b';
    await post(json.statementId, 'retract', {
      retractionId,
      speaker: { party: 'russia' },
      statedAt: '2025-11-22',
    });
    const body = { ...DESK, statement: { ...RIGHT, location: { name: 'Taken back' } } };
    expect(await post(json.statementId, 'correct', body)).toMatchObject({
      status: 409,
      json: { type: 'urn:claimline:problem:correction-conflict', errors: [{ pointer: '/statementId' }] },
    });
    expect(await post(retractionId, 'correct', body)).toMatchObject({
      status: 422,
      json: { type: 'urn:claimline:problem:correction-invalid', errors: [{ pointer: '/statementId' }] },
    });
    await post(retractionId, 'void', DESK);
    expect(await post(json.statementId, 'correct', body)).toMatchObject({ status: 201 });
  });
});
