import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const NDJSON = { 'content-type': 'application/x-ndjson' };
const post = (body: unknown, query = '', headers?: Record<string, string>) =>
  running.send('POST', `/v1/statements${query}`, body, headers);
const linesOf = ({ text }: { text: string }) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
const events = async () => (await running.get('/v1/events?limit=500')).json.items.length as number;

/** The nth of a story: each is another statement. */
const by = (party: string, day: number, change: object = {}) => ({
  ...PLAIN,
  speaker: { party },
  statedAt: `2025-11-${String(day).padStart(2, '0')}`,
  ...change,
});
const about = (actor: string) => ({ claim: { predicate: 'captured', actor } });
const problem = (...faults: [pointer: string, name: string][]) => ({
  type: 'urn:claimline:problem:party-unknown',
  status: 422,
  errors: faults.map(([pointer, name]) => ({
    pointer,
    detail: `"${name}" is not in the ruleset russia-ukraine-2025-11.1`,
  })),
});

describe('receipts name the parties and actors that the ruleset does not know', () => {
  it('of one statement, of a repeat, of a dry run', async () => {
    expect((await post(by('Russian military', 1))).json).toMatchObject({ unknownParties: [] });
    const first = await post(by('Rusia', 1, about('Ukrane')));
    expect(first).toMatchObject({ status: 201, json: { unknownParties: ['Rusia', 'Ukrane'] } });
    expect(await post(by('Rusia', 1, about('Ukrane')))).toMatchObject({
      status: 200,
      json: { ...first.json, duplicate: true },
    });
    expect((await post(by('Rusia', 2, about('Rusia')), '?dryRun=true')).json).toMatchObject({
      dryRun: true,
      unknownParties: ['Rusia'],
    });
    expect((await post({ ...PLAIN, speaker: { name: 'Rusia' } })).json).toMatchObject({ unknownParties: [] });
  });

  it('of an array, and line by line', async () => {
    const statements = [
      by('russia', 3),
      by('Rusia', 3),
      by('ukraine', 3, about('Rusia')),
      by('Rusia', 4, about('Ukrane')),
    ];
    const named = [[], ['Rusia'], ['Rusia'], ['Rusia', 'Ukrane']].map((unknownParties) => ({
      unknownParties,
    }));
    expect((await post(statements)).json.results).toMatchObject(named);
    const body = statements.map((one) => JSON.stringify(one)).join('\n');
    const sum = {
      recorded: 0,
      duplicates: 4,
      refused: 0,
      unknownParties: [
        { name: 'Rusia', statements: 3 },
        { name: 'Ukrane', statements: 1 },
      ],
    };
    expect(linesOf(await post(body, '?results=all', NDJSON))).toMatchObject([...named, sum]);
    expect(linesOf(await post(body, '?dryRun=true', NDJSON))).toMatchObject([sum]);
    expect(linesOf(await post(body.split('\n')[0], '', NDJSON))).toEqual([
      { token: expect.any(String), recorded: 0, duplicates: 1, refused: 0 },
    ]);
  });

  it('of a retraction', async () => {
    const { json } = await post(by('Rusia', 5));
    const body = { speaker: { party: 'RUSIA' }, statedAt: '2025-11-30' };
    const retracted = await running.send('POST', `/v1/statements/${json.statementId}/retract`, body);
    expect(retracted).toMatchObject({
      status: 201,
      json: { type: 'claim.retracted', unknownParties: ['RUSIA'] },
    });
    expect(
      (await running.send('POST', `/v1/statements/${json.statementId}/retract?strict=true`, body)).json,
    ).toEqual({ ...retracted.json, duplicate: true });
  });
});

describe('strict', () => {
  it('refuses them, each by its field, and records nothing of them', async () => {
    const before = await events();
    for (const query of ['?strict=true', '?strict=true&dryRun=true']) {
      expect(await post(by('Rusia', 10), query)).toMatchObject({
        status: 422,
        json: problem(['/speaker/party', 'Rusia']),
      });
      expect((await post(by('russia', 10, about('Ukrane')), query)).json).toMatchObject(
        problem(['/claim/actor', 'Ukrane']),
      );
      expect((await post(by('Rusia', 10, about('Ukrane')), query)).json).toMatchObject(
        problem(['/speaker/party', 'Rusia'], ['/claim/actor', 'Ukrane']),
      );
    }
    expect(await events()).toBe(before);
    expect(await post(by('russia', 10), '?strict=true')).toMatchObject({
      status: 201,
      json: { unknownParties: [] },
    });
    expect(
      (await post({ ...PLAIN, speaker: { name: 'Rusia' }, statedAt: '2025-11-10' }, '?strict=true')).status,
    ).toBe(201);
    expect((await post(by('Rusia', 11), '?strict=false')).status).toBe(201);
    expect((await post(by('Rusia', 12), '?strict=yes')).json).toMatchObject({
      errors: [{ pointer: '/strict' }],
    });
  });

  it('refuses item by item, and line by line; the others are recorded', async () => {
    const statements = [
      by('russia', 13),
      by('Rusia', 13),
      by('dnr', 13),
      { ...by('Rusia', 13), location: { id: 'nowhere' } },
    ];
    const results = [
      { duplicate: false },
      problem(['/speaker/party', 'Rusia']),
      { duplicate: false },
      problem(['/speaker/party', 'Rusia']),
    ];
    expect((await post(statements, '?strict=true')).json.results).toMatchObject(results);
    const body = statements.map((one) => JSON.stringify({ ...one, via: ['by lines'] })).join('\n');
    expect(linesOf(await post(body, '?strict=true', NDJSON))).toMatchObject([
      { line: 2, problem: problem(['/speaker/party', 'Rusia']) },
      { line: 4, problem: problem(['/speaker/party', 'Rusia']) },
      { recorded: 2, duplicates: 0, refused: 2 },
    ]);
  });

  it('answers a repeat with the original, and other content under its id with a conflict: they are known already', async () => {
    const statementId = '5f000000-0000-4000-8000-000000000001';
    const first = await post(by('Rusia', 14, { statementId }));
    expect(await post(by('Rusia', 14, { statementId }), '?strict=true')).toMatchObject({
      status: 200,
      json: { ...first.json, duplicate: true },
    });
    expect(await post(by('Rusia', 15, { statementId }), '?strict=true')).toMatchObject({ status: 409 });
  });

  it('refuses retractions by an unknown party', async () => {
    const { json } = await post(by('Rusia', 16));
    const retract = (query: string) =>
      running.send('POST', `/v1/statements/${json.statementId}/retract${query}`, {
        speaker: { party: 'Rusia' },
        statedAt: '2025-11-30',
      });
    expect(await retract('?strict=true')).toMatchObject({
      status: 422,
      json: problem(['/speaker/party', 'Rusia']),
    });
    expect(await retract('?stritc=true')).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/stritc' }] },
    });
    expect((await retract('')).status).toBe(201);
  });
});

describe('the state', () => {
  it('marks such holders, and is found by the flag', async () => {
    const place = { location: { name: 'Misspelled' } };
    const known = await running.record({ ...by('russia', 20), location: { name: 'Well spelled' } });
    await running.record(by('russia', 20, place));
    await running.record(by('Rusia', 21, place));
    const { json } = await running.record(by('ukraine', 22, { ...place, ...about('Ukrane') }));
    const state = (await running.get(`/v1/locations/${json.locationId}`)).json;
    expect(state.control).toMatchObject([
      { holder: 'Ukrane', known: false },
      { holder: 'russia', known: true },
    ]);
    expect(state.flags.filter(({ flag }: { flag: string }) => flag === 'unknownParty')).toMatchObject([
      { holder: 'Ukrane', assertedBy: ['ukraine'], evidence: [json.eventId] },
      { holder: 'russia', assertedBy: ['Rusia'] },
    ]);
    // The first of them alone were corroborated, falsely; not in silence.
    expect((await running.get(`/v1/locations/${json.locationId}?asOf=2025-11-21`)).json).toMatchObject({
      status: 'corroborated',
      flags: [{ flag: 'provisional' }, { flag: 'unknownParty' }],
    });
    const flagged = (await running.get('/v1/locations?flag=unknownParty')).json.items.map(
      ({ id }: { id: string }) => id,
    );
    expect(flagged).toContain(json.locationId);
    expect(flagged).not.toContain(known.json.locationId);
  });

  it('is described', async () => {
    const { paths, components } = (await running.get('/openapi.json')).json;
    const names = (path: string) => paths[path].post.parameters.map(({ name }: { name: string }) => name);
    expect(names('/v1/statements')).toContain('strict');
    expect(names('/v1/statements/{statementId}/retract')).toContain('strict');
    expect(components.schemas.Receipt.properties).toHaveProperty('unknownParties');
    expect(components.schemas.Holder.required).toContain('known');
    expect(
      paths['/v1/locations'].get.parameters.find(({ name }: { name: string }) => name === 'flag').schema.enum,
    ).toContain('unknownParty');
  });
});

describe('a ruleset that takes the place of another', () => {
  it('says from then on who is known', async () => {
    const ruleset = {
      version: 'of-spellings',
      sides: [{ id: 'russia', name: 'Russia' }],
      parties: [{ id: 'russia', side: 'russia', names: ['Rusia'] }],
    };
    const { json } = await running.send('POST', '/v1/replays', { kind: 'rebuild', ruleset });
    for (let run = json; run.state !== 'done'; run = (await running.get(`/v1/replays/${json.replayId}`)).json)
      expect(['waiting', 'running']).toContain(run.state);
    // Looked up now and then.
    for (let named: string[] = ['Rusia']; named.length > 0;)
      named = (await post(by('Rusia', 25), '?dryRun=true')).json.unknownParties;
    expect((await post(by('Rusia', 25), '?strict=true')).status).toBe(201);
    expect((await post(by('ukraine', 25), '?strict=true')).json).toMatchObject({
      errors: [{ detail: '"ukraine" is not in the ruleset of-spellings' }],
    });
  });
});
