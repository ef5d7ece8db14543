import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Running, startRunning } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

async function ended(replayId: string): Promise<Answer> {
  for (let tries = 0; tries < 500; tries++) {
    const answer = await running.get(`/v1/replays/${replayId}`);
    if (answer.json.endedAt !== null) return answer;
    await sleep(50);
  }
  throw new Error('it does not end');
}

describe('/v1/replays', () => {
  it('rebuilds the read models', async () => {
    const { json } = await running.record();
    const before = (await running.get(`/v1/locations/${json.locationId}`)).text;
    const asked = await running.send('POST', '/v1/replays', { kind: 'rebuild' });
    expect(asked).toMatchObject({
      status: 202,
      json: {
        kind: 'rebuild',
        state: 'waiting',
        spec: { rulesetVersion: expect.any(String), compare: false },
      },
    });
    const done = await ended(asked.json.replayId);
    expect(done.json).toMatchObject({ state: 'done', error: null, eta: null, cursor: null });
    expect(done.json.done).toBe(done.json.total);
    expect((await running.get(`/v1/locations/${json.locationId}`)).text).toBe(before);
    expect((await running.get('/v1/replays?limit=1')).json.items[0]).toEqual(done.json);
    expect((await running.get('/metrics')).text).toContain('# TYPE claimline_replay_seconds_left gauge');
  }, 60_000);

  it('names what is wrong with a request', async () => {
    expect(await running.send('POST', '/v1/replays', { kind: 'nonsense' })).toMatchObject({
      status: 422,
      json: { type: 'urn:claimline:problem:replay-invalid', errors: [{ pointer: '/kind' }] },
    });
    expect(
      await running.send('POST', '/v1/replays', { kind: 'rebuild', compare: 'x', more: 1 }),
    ).toMatchObject({ status: 422, json: { errors: [{ pointer: '/compare' }, { pointer: '/more' }] } });
    const ruleset = { version: 'x', sides: [{ id: 'a', name: 'A' }], parties: [{ id: 'b', side: 'c' }] };
    expect(await running.send('POST', '/v1/replays', { kind: 'rebuild', ruleset })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/ruleset/parties/0/side' }] },
    });
    expect(await running.get('/v1/replays/nonsense')).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:replay-not-found' },
    });
    expect(await running.get('/v1/replays/00000000-0000-4000-8000-000000000000')).toMatchObject({
      status: 404,
    });
    expect(await running.get('/v1/replays?limit=0')).toMatchObject({ status: 422 });
  });

  it('refuses to cancel what has ended', async () => {
    const { items } = (await running.get('/v1/replays')).json;
    expect(await running.send('DELETE', `/v1/replays/${items[0].replayId}`)).toMatchObject({
      status: 409,
      json: { type: 'urn:claimline:problem:replay-ended' },
    });
    expect(await running.send('DELETE', '/v1/replays/00000000-0000-4000-8000-000000000000')).toMatchObject({
      status: 404,
    });
  });

  it('is part of the description', async () => {
    const { json } = await running.get('/openapi.json');
    expect(Object.keys(json.paths)).toEqual(expect.arrayContaining(['/v1/replays', '/v1/replays/{id}']));
    expect(json.components.schemas.ReplayInput.discriminator.mapping).toMatchObject({
      rebuild: '#/components/schemas/RebuildInput',
    });
  });
});
