import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const post = (body: unknown, query = '') => running.send('POST', `/v1/statements${query}`, body);

describe('POST /v1/statements', () => {
  it('answers 201, then 200 with the original, and 409 to other content under the same id', async () => {
    const statementId = '11111111-1111-4111-8111-111111111111';
    const first = await post({ ...PLAIN, statementId });
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      statementId,
      type: 'claim.asserted',
      duplicate: false,
      position: expect.any(Number),
      shard: expect.any(Number),
    });
    expect(first.json.token).toBe(`${first.json.shard}:${first.json.position}`);
    const again = await post({ ...PLAIN, statementId, by: 'somebody else', grading: { reliability: 'B' } });
    expect(again.status).toBe(200);
    expect(again.json).toEqual({ ...first.json, duplicate: true });
    const other = await post({ ...PLAIN, statementId, statedAt: '2025-11-19' });
    expect(other.status).toBe(409);
    expect(other.headers.get('content-type')).toContain('application/problem+json');
    expect(other.json).toMatchObject({ type: 'urn:claimline:problem:statement-conflict', status: 409 });
  });

  it('gives a statement without an id the id of its content', async () => {
    const one = await post({ ...PLAIN, statedAt: '2025-10-01' });
    const two = await post({
      ...PLAIN,
      statedAt: '2025-10-01',
      location: { ...PLAIN.location, name: '  Kupyansk ' },
    });
    expect([one.status, two.status]).toEqual([201, 200]);
    expect(two.json.statementId).toBe(one.json.statementId);
  });

  it('answers an array with a result or a problem for each, in order', async () => {
    const answer = await post([
      { ...PLAIN, statedAt: '2025-10-02' },
      { ...PLAIN, stance: 'perhaps' },
      { ...PLAIN, statedAt: '2025-10-02' },
      { ...PLAIN, location: { id: 'nowhere' } },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.json.results).toMatchObject([
      { duplicate: false },
      { status: 422, errors: [{ pointer: '/stance' }] },
      { duplicate: true },
      { type: 'urn:claimline:problem:location-unknown' },
    ]);
    expect(answer.json.token).toBe(answer.json.results[0].token);
    expect((await post([])).json).toEqual({ results: [], token: '' });
    expect((await post(Array.from({ length: 1001 }, () => PLAIN))).status).toBe(422);
  });

  it('rehearses, and records nothing', async () => {
    const answer = await post({ ...PLAIN, location: { name: 'Rehearsal' } }, '?dryRun=true');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ dryRun: true, duplicate: false, locationId: expect.any(String) });
    expect((await running.get(`/v1/locations/${answer.json.locationId}`)).status).toBe(404);
    expect((await post({ ...PLAIN, stance: 'x' }, '?dryRun=true')).status).toBe(422);
  });

  it('records NDJSON line by line; a broken line stops no other', async () => {
    const line = (day: number) =>
      JSON.stringify({
        ...PLAIN,
        location: { name: 'Lines' },
        statedAt: `2025-09-${String(day).padStart(2, '0')}`,
      });
    const body = [
      line(1),
      line(2).slice(0, 40),
      '',
      line(3),
      line(1),
      JSON.stringify({ ...PLAIN, colour: 1 }),
    ].join('\n');
    const answer = await running.send('POST', '/v1/statements', body, {
      'content-type': 'application/x-ndjson',
    });
    expect(answer.status).toBe(200);
    const lines = answer.text
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { line?: number });
    expect(lines).toMatchObject([
      { line: 2, problem: { type: 'urn:claimline:problem:line-malformed' } },
      { line: 6, problem: { errors: [{ pointer: '/colour' }] } },
      { recorded: 2, duplicates: 1, refused: 2, token: expect.stringMatching(/^\d+:\d+/) },
    ]);
    const all = await running.send('POST', '/v1/statements?results=all', `${line(1)}\n${line(4)}`, {
      'content-type': 'application/x-ndjson',
    });
    expect(
      all.text
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as object),
    ).toMatchObject([
      { line: 1, duplicate: true },
      { line: 2, duplicate: false },
      { recorded: 1, duplicates: 1, refused: 0 },
    ]);
  });

  it('answers a client that reads while it sends', async () => {
    let push!: (line: string | null) => void;
    const body = new ReadableStream({
      start(controller) {
        push = (line) =>
          line === null ? controller.close() : controller.enqueue(new TextEncoder().encode(`${line}\n`));
      },
    });
    const answer = fetch(`${running.url}/v1/statements?results=all`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      duplex: 'half',
    });
    push(JSON.stringify({ ...PLAIN, statedAt: '2025-08-01' }));
    const reader = (await answer).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"line":1');
    push(JSON.stringify({ ...PLAIN, statedAt: '2025-08-02' }));
    push(null);
    let rest = '';
    for (let read = await reader.read(); !read.done; read = await reader.read())
      rest += new TextDecoder().decode(read.value);
    expect(rest).toContain('"recorded":2');
  });

  it('reports progress every 10,000 lines, and counts refusals beyond 1,000', async () => {
    const body = Array.from({ length: 10_000 }, () => '{"stance":"x"}').join('\n');
    const answer = await running.send('POST', '/v1/statements', body, {
      'content-type': 'application/x-ndjson',
    });
    const lines = answer.text
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as object);
    expect(lines).toHaveLength(1002);
    expect(lines.slice(-2)).toMatchObject([{ progress: { refused: 10_000 } }, { refused: 10_000 }]);
  });
});

describe('commands on statements', () => {
  it('retract: by the own side only, once', async () => {
    const { json } = await running.record({ location: { name: 'Retracted' } });
    const path = `/v1/statements/${json.statementId}/retract`;
    const foreign = await running.send('POST', path, {
      speaker: { party: 'ukraine' },
      statedAt: '2025-11-21',
    });
    expect(foreign).toMatchObject({
      status: 422,
      json: { type: 'urn:claimline:problem:retraction-foreign' },
    });
    const body = { speaker: { party: 'dnr' }, statedAt: '2025-11-21', by: 'desk', reason: 'taken back' };
    const retracted = await running.send('POST', path, body);
    expect(retracted).toMatchObject({ status: 201, json: { type: 'claim.retracted', duplicate: false } });
    expect(await running.send('POST', path, body)).toMatchObject({
      status: 200,
      json: { eventId: retracted.json.eventId, duplicate: true },
    });
    const state = await running.get(`/v1/locations/${json.locationId}?after=${retracted.json.token}`);
    expect(state.json).toMatchObject({ status: 'unclaimed', statements: 1 });
    expect((await running.get(`/v1/locations/${json.locationId}?asOf=2025-11-20`)).json.status).toBe(
      'claimed',
    );
    const [item] = (await running.get(`/v1/locations/${json.locationId}/timeline`)).json.items;
    expect(item).toMatchObject({
      statementId: json.statementId,
      retracted: { eventId: retracted.json.eventId },
    });
    expect((await running.send('POST', `/v1/statements/${json.eventId}/retract`, body)).status).toBe(404);
    expect(
      (await running.send('POST', path, { speaker: {} })).json.errors.map(
        ({ pointer }: { pointer: string }) => pointer,
      ),
    ).toEqual(['/statedAt', '/speaker']);
  });

  it('void and reinstate, statements and retractions', async () => {
    const { json } = await running.record({ location: { name: 'Voided' } });
    const path = `/v1/statements/${json.statementId}/void`;
    const voided = await running.send('POST', path, { by: 'desk', reason: 'wrong speaker' });
    expect(voided.status).toBe(201);
    expect(await running.send('POST', path, { by: 'desk', reason: 'wrong speaker' })).toMatchObject({
      status: 200,
      json: { eventId: voided.json.eventId, duplicate: true },
    });
    expect(
      (await running.get(`/v1/locations/${json.locationId}?after=${voided.json.token}`)).json,
    ).toMatchObject({ status: 'unclaimed', statements: 0 });
    expect(
      (await running.get(`/v1/locations/${json.locationId}/timeline`)).json.items[0].voided,
    ).toMatchObject({ reason: 'wrong speaker', by: 'desk' });
    const back = await running.send('DELETE', `${path}?by=desk`);
    expect(back).toMatchObject({ status: 200, json: { type: 'statement.reinstated', duplicate: false } });
    expect(await running.send('DELETE', path)).toMatchObject({ status: 200, json: { duplicate: true } });
    expect((await running.get(`/v1/locations/${json.locationId}?after=${back.json.token}`)).json.status).toBe(
      'claimed',
    );
    for (const id of ['00000000-0000-4000-8000-000000000000', json.eventId, 'nonsense'])
      expect(
        (await running.send('POST', `/v1/statements/${id}/void`, { by: 'desk', reason: 'a mistake' })).status,
      ).toBe(404);
  });

  it('erases a quote; the event stays', async () => {
    const { json } = await running.record({
      location: { name: 'Quoted' },
      source: { outlet: 'example.org', quote: 'We hold the town.\nAll of it.' },
    });
    const event = (await running.get(`/v1/events/${json.eventId}`)).json;
    expect(JSON.stringify(event)).not.toContain('hold the town');
    expect(event.data.source.quoteDigest).toMatch(/^[0-9a-f]{64}$/);
    const path = `/v1/locations/${json.locationId}/timeline`;
    expect((await running.get(path)).json.items[0].source.quote).toContain('hold the town');
    expect(
      await running.send('DELETE', `/v1/statements/${json.statementId}/quote`, { by: 'court' }),
    ).toMatchObject({ status: 200, json: { duplicate: false } });
    expect(await running.send('DELETE', `/v1/statements/${json.statementId}/quote`)).toMatchObject({
      status: 200,
      json: { duplicate: true },
    });
    expect((await running.get(path)).text).not.toContain('hold the town');
    expect((await running.get(`/v1/events/${json.eventId}`)).json).toEqual(event);
  });
});

describe('the register of places', () => {
  it('registers, names, positions, merges and unmerges', async () => {
    const place = {
      id: 'gn-703656',
      names: [
        { name: 'Kupiansk', language: 'en' },
        { name: "Куп'янськ", language: 'uk' },
      ],
      coordinates: [37.608, 49.717],
      country: 'ua',
      region: 'Kharkiv',
    };
    expect(await running.send('POST', '/v1/locations', place)).toMatchObject({
      status: 201,
      json: { id: 'gn-703656', type: 'location.registered' },
    });
    expect(await running.send('POST', '/v1/locations', place)).toMatchObject({
      status: 200,
      json: { duplicate: true },
    });
    expect((await running.send('POST', '/v1/locations', { ...place, region: 'Odesa' })).status).toBe(409);
    const provisional = await running.record({
      location: { name: 'Kupyansk', country: 'UA' },
      statedAt: '2025-11-19',
    });
    expect(
      (await running.get(`/v1/locations/${provisional.json.locationId}`)).json.flags.map(
        ({ flag }: { flag: string }) => flag,
      ),
    ).toContain('provisional');
    const known = await running.record({ location: { name: 'КУПʼЯНСЬК' }, statedAt: '2025-11-18' });
    expect(known.json.locationId).toBe('gn-703656');

    const merged = await running.send('POST', `/v1/locations/${provisional.json.locationId}/merge`, {
      into: 'gn-703656',
    });
    expect(merged.status).toBe(201);
    const state = (
      await running.get(`/v1/locations/${provisional.json.locationId}?after=${merged.json.token}`)
    ).json;
    expect(state).toMatchObject({
      id: 'gn-703656',
      mergedFrom: provisional.json.locationId,
      statements: 2,
      status: 'claimed',
    });
    expect(
      await running.send('POST', '/v1/locations/gn-703656/merge', { into: provisional.json.locationId }),
    ).toMatchObject({ status: 422, json: { errors: [{ pointer: '/into' }] } });
    expect((await running.send('POST', '/v1/locations/gn-703656/merge', { into: 'gn-703656' })).status).toBe(
      422,
    );
    expect((await running.send('POST', '/v1/locations/gn-703656/merge', { into: 'nowhere' })).status).toBe(
      422,
    );
    expect((await running.send('POST', '/v1/locations/nowhere/merge', { into: 'gn-703656' })).status).toBe(
      404,
    );

    const unmerged = await running.send('DELETE', `/v1/locations/${provisional.json.locationId}/merge`);
    const apart = (
      await running.get(`/v1/locations/${provisional.json.locationId}?after=${unmerged.json.token}`)
    ).json;
    expect(apart).toMatchObject({ id: provisional.json.locationId, statements: 1 });
    expect(apart.mergedFrom).toBeUndefined();

    expect(
      await running.send('POST', '/v1/locations/gn-703656/names', {
        name: 'Купянск',
        language: 'ru',
        kind: 'alias',
      }),
    ).toMatchObject({ status: 201 });
    expect(
      await running.send('DELETE', `/v1/locations/gn-703656/names/${encodeURIComponent('Купянск')}`),
    ).toMatchObject({ status: 200, json: { duplicate: false } });
    const moved = await running.send('PUT', '/v1/locations/gn-703656/coordinates', {
      coordinates: [37.61, 49.72],
    });
    expect((await running.get(`/v1/locations/gn-703656?after=${moved.json.token}`)).json).toMatchObject({
      coordinates: [37.61, 49.72],
      names: [{ name: 'Kupiansk' }, { name: "Куп'янськ" }],
    });
    expect(
      (
        await running.send('PUT', '/v1/locations/gn-703656/coordinates', { coordinates: [181, 91] })
      ).json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ).toEqual(['/coordinates/0', '/coordinates/1']);
  });
});
