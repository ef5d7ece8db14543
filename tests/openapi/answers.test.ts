import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeyRing, Keys } from '#libs/access';
import { EventStore } from '#libs/log';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { valueOf } from '../support/opened-store.js';
import { Described } from './described.js';

let running: Running;
let service: Described;

beforeAll(async () => {
  // Keys are asked for too, and close a service that nobody has opened.
  running = await startRunning({ SHARDS: '2', OPEN: 'all' });
  service = new Described(running, (await running.get('/openapi.json')).text);
});
afterAll(() => running.stop());

const NDJSON = 'application/x-ndjson';
const STATEMENT = '3F0C2B1E-6A51-4C57-9D0E-8A4F5B6C7D80';
const NOWHERE = '00000000-0000-4000-8000-000000000000';

const whole = {
  ...PLAIN,
  statementId: STATEMENT,
  claim: {
    predicate: 'controls',
    actor: 'russia',
    extent: { op: '>', percent: 80.5 },
    target: 'a garrison',
    modality: 'actual',
    certainty: 'plain',
  },
  location: {
    name: 'Millbridge',
    region: 'Lowland',
    country: 'ZZ',
    within: 'Low',
    coordinates: [37.5, 49.75],
    code: { scheme: 'OSM', value: 'n9' },
  },
  via: ['Northern Wire'],
  occurredAt: { from: '2025-11-18', to: '2025-11-19', precision: 'week' },
  source: {
    outlet: 'example.org',
    url: 'https://example.org/a',
    publishedAt: '2025-11-21T08:00:00Z',
    language: 'en',
    documentSha256: 'A'.repeat(64),
    span: { start: 1, end: 9 },
    quote: 'It is ours',
  },
  grading: { reliability: 'C', credibility: 3 },
  extraction: { method: 'rules', version: '1', confidence: 0.87 },
  by: 'worker-7',
  reason: 'daily run',
};

describe('a running service answers as /openapi.json says', () => {
  let place: string;
  let token: string;
  /** Tokens of what changed the place, in whichever shard. */
  const changes: string[] = [];

  test('what records', async () => {
    const receipt = await service.ask('recordStatement', { body: whole });
    ({ locationId: place, token } = receipt.json as { locationId: string; token: string });
    expect(receipt).toMatchObject({
      status: 201,
      json: { statementId: STATEMENT.toLowerCase(), duplicate: false },
    });
    expect(await service.ask('recordStatement', { body: whole })).toMatchObject({
      status: 200,
      json: { duplicate: true },
    });
    expect(
      await service.ask('recordStatement', { body: { ...PLAIN, statementId: STATEMENT } }),
    ).toMatchObject({ status: 409 });
    expect(await service.ask('recordStatement', { body: { ...PLAIN, stance: 'maybe' } })).toMatchObject({
      status: 422,
    });
    expect(
      await service.ask('recordStatement', { body: '{', headers: { 'content-type': 'application/json' } }),
    ).toMatchObject({ status: 400 });
    expect(
      await service.ask('recordStatement', { body: 'a,b', headers: { 'content-type': 'text/csv' } }),
    ).toMatchObject({ status: 415 });
    expect(
      await service.ask('recordStatement', {
        query: { dryRun: 'true' },
        body: { ...PLAIN, location: { name: 'Elsewhere' } },
      }),
    ).toMatchObject({ status: 200, json: { dryRun: true } });

    const denial = {
      ...PLAIN,
      stance: 'deny',
      speaker: { party: 'ukraine' },
      location: { id: place },
      statedAt: '2025-11-22',
    };
    const batch = [
      denial,
      { ...PLAIN, stance: 'maybe' },
      { ...PLAIN, claim: { predicate: 'fighting' }, location: { id: place } },
    ];
    const results = await service.ask('recordStatements', { body: batch.filter((_, at) => at !== 1) });
    expect(results).toMatchObject({
      status: 200,
      json: { results: [{ type: 'claim.denied' }, { type: 'claim.asserted' }] },
    });
    expect(
      (await service.ask('recordStatements', { query: { dryRun: 'true' }, body: batch.slice(0, 1) })).json,
    ).toMatchObject({ token: '', results: [{ duplicate: true, dryRun: true }] });
    // As it was before there was a path for arrays.
    const mixed = await running.send('POST', '/v1/statements', batch);
    expect([mixed.json, (await running.send('POST', '/v1/statements/batch', batch)).json]).toEqual([
      expect.objectContaining({
        results: [expect.any(Object), expect.objectContaining({ status: 422 }), expect.any(Object)],
      }),
      mixed.json,
    ]);
    expect(service.faultsOf('BatchReceipt', mixed.json)).toEqual([]);
    expect(await service.ask('recordStatements', { body: PLAIN })).toMatchObject({
      status: 422,
      json: { type: 'urn:claimline:problem:statement-invalid' },
    });
    expect(await service.ask('recordStatements', { body: Array(1001).fill(PLAIN) })).toMatchObject({
      status: 422,
    });
    expect(
      await service.ask('recordStatements', {
        body: JSON.stringify(PLAIN),
        headers: { 'content-type': NDJSON },
      }),
    ).toMatchObject({ status: 415 });

    const lines = await service.ask('recordStatement', {
      query: { results: 'all' },
      body: `${JSON.stringify(PLAIN)}\n{}\n`,
      headers: { 'content-type': NDJSON },
    });
    const [first, refused] = lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line: number; problem: object });
    const { line: _line, ...asReceipt } = first!;
    expect([service.faultsOf('Receipt', asReceipt), service.faultsOf('Problem', refused!.problem)]).toEqual([
      [],
      [],
    ]);
  });

  test('the register of places', async () => {
    const id = 'mill';
    const body = {
      id,
      names: [{ name: 'Mill', language: 'en', script: 'Latn', kind: 'official' }],
      codes: [{ scheme: 'osm', value: 'n2' }],
      coordinates: [1, 2],
      country: 'ZZ',
      countries: ['ZZ', 'ZY'],
      region: 'Lowland',
      by: 'desk',
      reason: 'it is there',
    };
    expect(await service.ask('registerLocation', { body })).toMatchObject({ status: 201, json: { id } });
    expect(await service.ask('registerLocation', { body })).toMatchObject({
      status: 200,
      json: { duplicate: true },
    });
    expect(await service.ask('registerLocation', { body: { ...body, region: 'Highland' } })).toMatchObject({
      status: 409,
    });
    const path = { id };
    for (const status of [201, 200]) {
      expect(await service.ask('addName', { path, body: { name: 'The Mill' } })).toMatchObject({ status });
      expect(await service.ask('addName', { path, body: { name: '..' } })).toMatchObject({ status });
      expect(await service.ask('addCode', { path, body: { scheme: 'Wikidata', value: 'Q1' } })).toMatchObject(
        { status },
      );
      const merge = await service.ask('mergeLocation', { path: { id: place }, body: { into: id } });
      expect(merge).toMatchObject({ status });
      changes.push((merge.json as { token: string }).token);
    }
    expect(await service.ask('removeName', { path: { ...path, name: 'The Mill' } })).toMatchObject({
      status: 200,
    });
    expect(await service.ask('removeNameByQuery', { path, query: { name: '..' } })).toMatchObject({
      status: 200,
    });
    expect(
      await service.ask('removeCode', { path, query: { scheme: 'wikidata', value: 'Q1', by: 'desk' } }),
    ).toMatchObject({ status: 200 });
    expect(
      await service.ask('removeCode', { path, query: { scheme: 'wikidata', value: 'Q1' } }),
    ).toMatchObject({ status: 404 });
    expect(await service.ask('setCountries', { path, body: { countries: ['ZZ'] } })).toMatchObject({
      status: 200,
    });
    const positioned = await service.ask('setCoordinates', { path, body: { coordinates: [3.5, 4] } });
    expect(positioned).toMatchObject({ status: 200 });
    changes.push((positioned.json as { token: string }).token);
  });

  test('what reads', async () => {
    for (const after of changes)
      await service.ask('getLocation', { path: { id: place }, query: { after, wait: '30000' } });
    const merged = await service.ask('getLocation', {
      path: { id: place },
      query: { after: token, wait: '30000' },
    });
    expect(merged).toMatchObject({ status: 200, json: { id: 'mill', mergedFrom: place } });
    const state = await service.ask('getLocation', { path: { id: 'mill' } });
    expect(state.json).toMatchObject({
      status: 'contested',
      flags: expect.arrayContaining([expect.objectContaining({ flag: 'fighting' })]),
    });
    expect(
      await service.ask('getLocation', {
        path: { id: 'mill' },
        headers: { 'if-none-match': state.headers.get('etag')! },
      }),
    ).toMatchObject({ status: 304 });
    expect(await service.ask('getLocation', { path: { id: NOWHERE } })).toMatchObject({ status: 404 });
    expect(
      await service.ask('getLocation', { path: { id: 'mill' }, query: { knownAt: '2100-01-01' } }),
    ).toMatchObject({ status: 200 });

    for (const query of [{ status: ['contested', 'claimed'] }, { status: 'contested,claimed' }])
      expect((await service.ask('listLocations', { query })).json).toMatchObject({
        items: [expect.any(Object), expect.any(Object)],
      });
    expect(
      (await service.ask('listLocations', { query: { limit: '1', asOf: '2030', order: 'id' } })).json,
    ).toMatchObject({ nextCursor: expect.any(String) });
    const features = await service.ask('listLocations', { headers: { accept: 'application/geo+json' } });
    expect(features.headers.get('content-type')).toContain('application/geo+json');
    expect(features.json).toMatchObject({
      type: 'FeatureCollection',
      features: expect.arrayContaining([expect.objectContaining({ id: 'mill' })]),
    });

    const path = { id: 'mill' };
    const headers = { accept: 'application/geo+json' };
    expect((await service.ask('getLocation', { path, headers })).json).toMatchObject({
      type: 'Feature',
      id: 'mill',
    });
    for (const answer of [
      await service.ask('getTimeline', { path, headers }),
      await service.ask('listStatements', { headers }),
    ])
      expect(answer.json).toMatchObject({
        type: 'FeatureCollection',
        features: expect.arrayContaining([expect.any(Object)]),
      });
    expect(
      (await service.ask('getStatement', { path: { statementId: STATEMENT }, headers })).json,
    ).toMatchObject({ type: 'Feature', id: STATEMENT.toLowerCase() });
    expect(await service.ask('getHistory', { path, headers })).toMatchObject({ status: 406 });
    // As clients in Java ask.
    expect(
      (
        await service.ask('listLocations', {
          headers: { accept: 'application/json, application/geo+json, application/problem+json' },
        })
      ).json,
    ).toMatchObject({ items: expect.any(Array) });
    expect(
      (await service.ask('getTimeline', { path, query: { order: 'desc', limit: '2', stance: 'assert' } }))
        .json,
    ).toMatchObject({ items: [expect.any(Object), expect.any(Object)] });
    expect((await service.ask('getHistory', { path })).json).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ status: 'contested' })]),
    });
    expect(
      (await service.ask('compareMoments', { path, query: { a: '2025-11-21', b: 'now' } })).json,
    ).toMatchObject({ differences: { statements: { items: expect.arrayContaining([expect.any(Object)]) } } });
    expect((await service.ask('listChanges', { query: { status: ['contested'] } })).json).toMatchObject({
      items: [expect.any(Object)],
    });
    expect(
      (await service.ask('listChanges', { query: { order: 'newest', statement: 'true' } })).json,
    ).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ statement: expect.any(Object) })]),
    });
    for (const [operation, name] of [
      ['getSpeaker', 'Nobody of this name'],
      ['getOutlet', 'example.org'],
    ] as const)
      expect(await service.ask(operation, { path: { name } })).toMatchObject({
        status: 200,
        json: { outcomes: expect.any(Array) },
      });
    for (const operation of ['getMap', 'countFacets', 'getMapChanges', 'getMapDays']) {
      const whole = await service.ask(operation, { query: { status: ['contested', 'claimed'] } });
      expect(whole).toMatchObject({ status: 200, json: { rulesetVersion: expect.any(String) } });
      const unless = { 'if-none-match': whole.headers.get('etag')! };
      expect(
        await service.ask(operation, { query: { status: ['contested', 'claimed'] }, headers: unless }),
      ).toMatchObject({ status: 304 });
    }
    const questions: Record<string, string | string[]>[] = [
      { asOf: '2025-11-21' },
      { knownAt: '2100-01-01' },
      { region: ['Lowland'], zoom: '4' },
    ];
    for (const query of questions)
      expect(await service.ask('getMap', { query })).toMatchObject({ status: 200, json: { kind: 'places' } });
    for (const operation of ['exportLocations', 'exportStatements', 'exportChanges'])
      for (const format of ['csv', 'ndjson', 'geojson'])
        expect(await service.ask(operation, { query: { format } })).toMatchObject({ status: 200 });
    expect((await service.ask('listStatements', { query: { outlet: 'example.org' } })).json).toMatchObject({
      items: [{ source: { quote: 'It is ours' } }],
    });
    expect((await service.ask('getStatement', { path: { statementId: STATEMENT } })).json).toMatchObject({
      statementId: STATEMENT.toLowerCase(),
    });
    expect((await service.ask('getRuleset')).json).toMatchObject({ sides: expect.any(Array) });
    const { items } = (await service.ask('listRulesets')).json as { items: { version: string }[] };
    expect(
      (await service.ask('getRulesetVersion', { path: { version: items[0]!.version } })).json,
    ).toMatchObject({ version: items[0]!.version });
    expect((await service.ask('listParties')).json).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ id: 'russia' })]),
    });
    expect((await service.ask('getProjections')).json).toMatchObject({
      items: [expect.any(Object), expect.any(Object)],
    });
    for (const operation of ['getHealth', 'getReadiness', 'getMetrics'])
      expect(await service.ask(operation)).toMatchObject({ status: 200 });
  });

  test('commands on statements', async () => {
    const path = { statementId: STATEMENT };
    const body = {
      statedAt: '2025-11-25',
      speaker: { name: 'Valery Gerasimov', party: 'russia' },
      source: { outlet: 'example.org', quote: 'We were wrong' },
    };
    for (const status of [201, 200])
      expect(await service.ask('retractStatement', { path, body })).toMatchObject({ status });
    const id = { id: STATEMENT };
    for (const status of [201, 200])
      expect(
        await service.ask('voidStatement', {
          path: id,
          body: { by: 'desk', reason: 'the translation was wrong' },
        }),
      ).toMatchObject({ status });
    expect(
      await service.ask('voidStatement', { path: id, body: { by: 'another desk', reason: 'and so it was' } }),
    ).toMatchObject({ status: 201 });
    expect(await service.ask('voidStatement', { path: id, body: {} })).toMatchObject({ status: 422 });
    expect((await running.get(`/v1/statements/${STATEMENT}`)).status).toBe(200);
    const wrong = (await service.ask('recordStatement', { body: { ...PLAIN, statedAt: '2025-11-10' } }))
      .json as { statementId: string };
    const correction = {
      path: wrong,
      body: {
        by: 'desk',
        reason: 'the other side said so',
        statement: { ...PLAIN, statedAt: '2025-11-10', speaker: { party: 'Russian Federation' } },
      },
    };
    const corrected = await service.ask('correctStatement', correction);
    expect(corrected).toMatchObject({
      status: 201,
      json: { corrects: wrong.statementId, voided: expect.any(Object) },
    });
    expect(await service.ask('correctStatement', correction)).toMatchObject({ status: 200 });
    const link = await service.ask('getStatement', {
      path: wrong,
      query: { after: corrected.json.token as string },
    });
    expect(link.json).toMatchObject({ voided: { replacedBy: corrected.json.statementId } });
    expect(
      (await service.ask('getStatement', { path: { statementId: corrected.json.statementId as string } }))
        .json,
    ).toMatchObject({ corrects: wrong.statementId, speaker: { givenParty: 'Russian Federation' } });
    expect(
      await service.ask('reinstateStatement', { path: id, query: { reason: 'it was right' } }),
    ).toMatchObject({ status: 200 });
    expect(await service.ask('eraseQuote', { path: id, query: { by: 'court' } })).toMatchObject({
      status: 200,
    });
    expect(await service.ask('eraseQuote', { path: { id: NOWHERE } })).toMatchObject({ status: 404 });
    const { json } = await service.ask('getStatement', {
      path,
      query: { after: (await service.ask('reinstateStatement', { path: id })).json.token as string },
    });
    expect(json).toMatchObject({ retracted: expect.any(Object), source: { quote: null, quoteErased: true } });
    expect(await service.ask('unmergeLocation', { path: { id: place } })).toMatchObject({ status: 200 });
  });

  test('the log, and proofs of it', async () => {
    const { items } = (
      await service.ask('listEvents', { query: { types: ['claim.asserted', 'claim.denied'], limit: '2' } })
    ).json as { items: { eventId: string }[] };
    expect(items).toHaveLength(2);
    const all = (await service.ask('listEvents', { query: { limit: '500' } })).json as {
      items: { type: string }[];
    };
    expect(new Set(all.items.map(({ type }) => type)).size).toBe(13);
    const lines = await service.ask('listEvents', { headers: { accept: NDJSON } });
    expect(
      lines.text
        .trim()
        .split('\n')
        .flatMap((line) => service.faultsOf('Event', JSON.parse(line))),
    ).toEqual([]);
    const path = { eventId: items[0]!.eventId };
    expect((await service.ask('getEvent', { path })).json).toMatchObject(path);
    let proof = await service.ask('getProof', { path });
    for (let n = 0; proof.status === 503 && n < 100; n++) {
      await sleep(100);
      proof = await service.ask('getProof', { path });
    }
    expect(proof.json).toMatchObject(path);
    const { token: sizes } = (await service.ask('getCheckpoint')).json as { token: string };
    expect((await service.ask('getCheckpoint', { headers: { accept: 'text/plain' } })).text).toMatch(
      /^claimline\//,
    );
    expect(await service.ask('getCheckpoint', { query: { shard: '0' } })).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:checkpoint-unsigned' },
    });
    const consistency = await service.ask('getConsistency', { query: { from: '0:1', to: sizes } });
    expect(consistency.json).toMatchObject({ from: '0:1,1:0', items: [{ shard: 0 }, { shard: 1 }] });
    expect((await running.get(`/v1/checkpoint?from=0:1&to=${sizes}`)).json).toEqual(consistency.json);
    expect(await service.ask('getConsistency')).toMatchObject({ status: 422 });

    const audit = (await service.ask('listAudit', { query: { limit: '500' } })).json as {
      items: { type: string }[];
    };
    expect(audit.items.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['statement.voided', 'statement.reinstated', 'location.merged']),
    );
    expect(audit.items.filter(({ type }) => type.startsWith('claim.'))).toEqual([]);
    expect(
      (await service.ask('listAudit', { query: { types: ['statement.voided'], by: 'desk', limit: '1' } }))
        .json,
    ).toMatchObject({ items: [{ by: 'desk' }], nextCursor: expect.any(String) });
    expect(await service.ask('listAudit', { query: { cursor: 'x' } })).toMatchObject({ status: 422 });
  });

  test('the live stream', async () => {
    const leaving = new AbortController();
    const answer = await fetch(`${running.url}/v1/stream?after=0:0`, { signal: leaving.signal });
    const { responses } = service
      .operations()
      .find(([, , { operationId }]) => operationId === 'followStream')![2];
    expect(Object.keys(responses[200]!.content!)).toEqual([
      answer.headers.get('content-type')!.split(';')[0],
    ]);
    service.answered.add('followStream 200');
    let text = '';
    const decoder = new TextDecoder();
    for await (const piece of answer.body!) {
      text += decoder.decode(piece as Uint8Array, { stream: true });
      if (text.includes('event: claim') && /event: state\n.*\n\n/.test(text)) break;
    }
    leaving.abort();
    const messages = [...text.matchAll(/event: (claim|state)\ndata: (.*)\n\n/g)];
    expect(
      messages.flatMap(([, event, data]) =>
        service.faultsOf(event === 'claim' ? 'Statement' : 'State', JSON.parse(data!)),
      ),
    ).toEqual([]);
    expect(new Set(messages.map(([, event]) => event))).toEqual(new Set(['claim', 'state']));
  });

  test('runs', async () => {
    const ended = async (body: object) => {
      const { replayId: id } = (await service.ask('startReplay', { body })).json as { replayId: string };
      for (;;) {
        const { json } = await service.ask('getReplay', { path: { id } });
        if (json.endedAt) return json as { state: string; result: object };
        await sleep(50);
      }
    };
    expect(await ended({ kind: 'rebuild' })).toMatchObject({
      state: 'done',
      result: { digests: expect.any(Object) },
    });
    const ruleset = {
      version: 'other-1',
      sides: [{ id: 'ours', name: 'Ours', belligerent: true, adversaries: [] }],
      parties: [{ id: 'one', side: 'ours', names: ['One'] }],
    };
    expect(await ended({ kind: 'rebuild', ruleset, compare: true })).toMatchObject({
      state: 'done',
      result: { changes: expect.any(Number) },
    });
    const { items } = (await service.ask('listReplays', { query: { limit: '1' } })).json as {
      items: { replayId: string }[];
    };
    expect(await service.ask('cancelReplay', { path: { id: items[0]!.replayId } })).toMatchObject({
      status: 409,
    });
    expect(await service.ask('startReplay', { body: { kind: 'publish', topic: 'history' } })).toMatchObject({
      status: 422,
    });
    const { replayId } = (await service.ask('startReplay', { body: { kind: 'rebuild', compare: true } }))
      .json as { replayId: string };
    await service.ask('cancelReplay', { path: { id: replayId } });
  });

  test('dead letters', async () => {
    await running.service.app.get(EventStore).pool.query(
      `insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, key, value, headers, dead_at)
       select 'statements', 3, n, 'location-unknown', 'no such place', 'key', $1, '{"two":["a",{"base64":"/w=="}]}', now()
       from generate_series(1, 2) n`,
      [JSON.stringify(PLAIN)],
    );
    expect((await service.ask('listDeadLetters', { query: { limit: '1' } })).json).toMatchObject({
      items: [expect.any(Object)],
      nextCursor: expect.any(String),
    });
    expect((await service.ask('countDeadLetters')).json).toMatchObject({ open: 2 });
    const path = { id: 'statements:3:1' };
    expect((await service.ask('getDeadLetter', { path })).json).toMatchObject(path);
    expect(
      (await service.ask('retryDeadLetter', { path, body: { by: 'desk', value: '{}' } })).json,
    ).toMatchObject({ recorded: false });
    expect((await service.ask('retryDeadLetter', { path })).json).toMatchObject({ recorded: true });
    expect(await service.ask('retryDeadLetter', { path })).toMatchObject({ status: 409 });
    const other = { id: 'statements:3:2' };
    expect(
      (await service.ask('discardDeadLetter', { path: other, body: { reason: 'a test' } })).json,
    ).toMatchObject({ outcome: 'discarded' });
    expect(await service.ask('getDeadLetter', { path: { id: 'nowhere:0:0' } })).toMatchObject({
      status: 404,
    });
  });

  test('keys', async () => {
    const { app } = running.service;
    const { key } = valueOf(await app.get(Keys).create({ name: 'Chief', roles: ['admin'] }));
    await app.get(KeyRing).refresh();
    const headers = { authorization: `Bearer ${key}` };
    const body = { name: 'Worker 7', roles: ['ingest'], expiresAt: '2999-01-01T00:00:00+02:00' };
    expect(await service.ask('createKey', { body })).toMatchObject({ status: 401 });
    const made = await service.ask('createKey', { body, headers });
    expect(made).toMatchObject({ status: 201, json: { expiresAt: '2998-12-31T22:00:00.000Z' } });
    const id = made.json.id as string;
    expect((await service.ask('listKeys', { query: { limit: '1' }, headers })).json).toMatchObject({
      items: [{ id }],
      nextCursor: expect.any(String),
    });
    const path = { id };
    await app.get(KeyRing).refresh();
    const worker = { authorization: `Bearer ${made.json.key as string}` };
    expect(await service.ask('rotateKey', { path, headers: worker })).toMatchObject({ status: 403 });
    expect(await service.ask('rotateKey', { path, body: { graceSeconds: 60 }, headers })).toMatchObject({
      status: 201,
    });
    expect(await service.ask('createKey', { body: { name: 'x' }, headers })).toMatchObject({ status: 422 });
    expect(await service.ask('revokeKey', { path, headers })).toMatchObject({
      status: 200,
      json: { state: 'revoked' },
    });
    expect(await service.ask('rotateKey', { path, headers })).toMatchObject({ status: 409 });
    expect(await service.ask('revokeKey', { path: { id: 'nonsense' }, headers })).toMatchObject({
      status: 404,
    });
  });

  test('a token of an epoch that the log does not have', async () => {
    const lost = { after: '0:1~1' };
    const path = { id: place };
    for (const [operation, request] of [
      ['listLocations', { query: lost }],
      ['getLocation', { path, query: lost }],
      ['getTimeline', { path, query: lost }],
      ['getHistory', { path, query: lost }],
      ['listChanges', { query: lost }],
      ['getMap', { query: lost }],
      ['countFacets', { query: lost }],
      ['exportLocations', { query: lost }],
      ['listStatements', { query: lost }],
      ['listEvents', { query: lost }],
      ['followStream', { query: lost }],
      ['getConsistency', { query: { from: lost.after } }],
    ] as const)
      expect([operation, await service.ask(operation, request)]).toMatchObject([
        operation,
        { status: 409, json: { type: 'urn:claimline:problem:epoch-changed', token: '0:0' } },
      ]);
    const { nextCursor } = (await service.ask('listAudit', { query: { limit: '1' } })).json as {
      nextCursor: string;
    };
    const { after, list } = JSON.parse(Buffer.from(nextCursor, 'base64url').toString()) as {
      after: unknown[];
      list: string;
    };
    const cursor = Buffer.from(JSON.stringify({ after: [...after.slice(0, -1), 1], list })).toString(
      'base64url',
    );
    expect(await service.ask('listAudit', { query: { limit: '1', cursor } })).toMatchObject({ status: 409 });
  });

  test('signing in', async () => {
    expect(await service.ask('startSession', { body: { key: 'another' } })).toMatchObject({ status: 401 });
    expect(await service.ask('startSession', { body: {} })).toMatchObject({ status: 422 });
    const { app } = running.service;
    const { key } = valueOf(await app.get(Keys).create({ name: 'Desk', roles: ['curate'] }));
    await app.get(KeyRing).refresh();
    const { headers } = await service.ask('startSession', { body: { key } });
    const cookie = headers.getSetCookie()[0]!.split(';')[0]!;
    const signedIn = { cookie, 'sec-fetch-site': 'same-origin' };
    expect((await service.ask('getSession', { headers: signedIn })).json).toMatchObject({ kind: 'session' });
    expect((await service.ask('getSession')).json).toMatchObject({ kind: 'anyone', id: null });
    const wrong = { authorization: 'Bearer another' };
    expect(await service.ask('getSession', { headers: wrong })).toMatchObject({ status: 401 });
    expect(await service.ask('removeSession', { headers: signedIn })).toMatchObject({ status: 204 });
    const chief = valueOf(await app.get(Keys).create({ name: 'Chief', roles: ['admin'] }));
    await app.get(KeyRing).refresh();
    const asChief = { headers: { authorization: `Bearer ${chief.key}` } };
    for (let n = 0; n < 3; n++) await service.ask('startSession', { body: { key } });
    const page = await service.ask('listSessions', { query: { limit: '1' }, ...asChief });
    expect(page.json).toMatchObject({ items: [{ name: 'Desk' }], nextCursor: expect.any(String) });
    const { id, of } = (page.json.items as { id: string; of: string }[])[0]!;
    expect(await service.ask('endSession', { path: { id }, ...asChief })).toMatchObject({ status: 200 });
    expect(await service.ask('endSession', { path: { id }, ...asChief })).toMatchObject({ status: 404 });
    expect(await service.ask('endSessions', { query: { of }, ...asChief })).toMatchObject({
      status: 200,
      json: { ended: 2 },
    });
    expect(await service.ask('endSessions', asChief)).toMatchObject({ status: 422 });
  });

  test('and every operation was asked for every answer that is no refusal', () => {
    const promised = service.operations().flatMap(([, , { operationId, responses }]) =>
      Object.keys(responses)
        .filter((status) => Number(status) < 400)
        .map((status) => `${operationId} ${status}`),
    );
    expect(promised.filter((one) => !service.answered.has(one) && one !== 'cancelReplay 202')).toEqual([]);
  });
});
