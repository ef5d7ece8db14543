import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PLAIN, startRunning, type Answer, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
  await running.send('POST', '/v1/locations', { id: 'gn-1', names: [{ name: 'One' }] });
});
afterAll(() => running.stop());

const ID = '11111111-1111-4111-8111-111111111111';

const problem = (answer: Answer, status: number, code: string) => {
  expect(answer).toMatchObject({ status, json: { type: `urn:claimline:problem:${code}`, status } });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
};

describe('bad input', () => {
  it('that is no statement at all', async () => {
    problem(await running.send('POST', '/v1/statements', '{"stance": '), 400, 'body-malformed');
    problem(await running.send('POST', '/v1/statements', ''), 422, 'statement-invalid');
    problem(await running.send('POST', '/v1/statements', 'null'), 422, 'statement-invalid');
    problem(await running.send('POST', '/v1/statements', '5'), 422, 'statement-invalid');
    problem(
      await running.send('POST', '/v1/statements', 'x=1', {
        'content-type': 'application/x-www-form-urlencoded',
      }),
      415,
      'media-type-unsupported',
    );
    problem(
      await running.send(
        'POST',
        '/v1/statements',
        JSON.stringify({ ...PLAIN, by: 'x'.repeat(10 * 1024 * 1024) }),
      ),
      413,
      'body-too-large',
    );
    problem(
      await running.send('POST', '/v1/statements', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      400,
      'body-malformed',
    );
    problem(
      await running.send('POST', '/v1/statements', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
      400,
      'body-malformed',
    );
    problem(await running.send('GET', '/v1/nothing'), 404, 'not-found');
    const bytes = await fetch(`${running.url}/v1/statements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    });
    expect(bytes.status).toBe(400);
  });

  it.each([
    [{ stance: 'perhaps' }, '/stance'],
    [{ claim: { predicate: 'liberated', actor: 'russia' } }, '/claim/predicate'],
    [
      { claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 100 } } },
      '/claim/extent/percent',
    ],
    [
      { claim: { predicate: 'controls', actor: 'russia', extent: { op: '=', percent: -1 } } },
      '/claim/extent/percent',
    ],
    [{ unknown: 1 }, '/unknown'],
    [{ statedAt: undefined }, '/statedAt'],
    [{ statedAt: '2199-01-01' }, '/statedAt'],
    [{ location: { name: '' } }, '/location/name'],
    [{ location: { name: 'x'.repeat(1000) } }, '/location/name'],
    [{ location: { name: 'a\u0000b' } }, '/location/name'],
    [{ location: { name: 'a\ud800b' } }, '/location/name'],
    [{ speaker: 'Gerasimov' }, '/speaker'],
    [{ source: { url: 'no url' } }, '/source/url'],
  ])('in a field names it: %j', async (change, pointer) => {
    const answer = await running.send('POST', '/v1/statements', { ...PLAIN, ...change });
    problem(answer, 422, 'statement-invalid');
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('of places', async () => {
    problem(
      await running.send('POST', '/v1/locations', { names: [{ name: 'x' }], coordinates: [200, 100] }),
      422,
      'location-invalid',
    );
    problem(await running.send('POST', '/v1/locations', { names: [] }), 422, 'location-invalid');
    problem(
      await running.send('POST', '/v1/locations', { id: 'register', names: [{ name: 'x' }] }),
      422,
      'location-invalid',
    );
    problem(await running.send('POST', '/v1/locations/gn-1/merge', { into: 'gn-1' }), 422, 'merge-circle');
    problem(await running.send('POST', '/v1/locations/gn-1/merge', {}), 422, 'location-invalid');
    problem(await running.send('DELETE', '/v1/locations/gn-1/names/One'), 409, 'location-conflict');
    problem(
      await running.send('POST', '/v1/statements', { ...PLAIN, location: { id: 'gn-2' } }),
      422,
      'location-unknown',
    );
  });

  const NAMES = [
    'pipe',
    'then',
    'toJSON',
    'toString',
    'valueOf',
    'constructor',
    'prototype',
    '__proto__',
    'hasOwnProperty',
    'on',
    'destroy',
    'read',
    'length',
    'toPostgres',
    'Symbol(Symbol.asyncIterator)',
  ];
  const withOwn = (name: string, value: string, fields = '') => `{${fields}"${name}":${value}}`;

  it.each(NAMES)('JSON that has a key which objects of programs have is JSON: %s', async (name) => {
    for (const value of ['1', 'true', '{"a":1}', '[]']) {
      const plain = JSON.stringify(PLAIN).slice(1, -1);
      for (const body of [withOwn(name, value), withOwn(name, value, `${plain},`)]) {
        const answer = await running.send('POST', '/v1/statements', body);
        problem(answer, 422, 'statement-invalid');
        expect(answer.json.errors).toContainEqual({ pointer: `/${name}`, detail: 'unknown field' });
        const { json } = await running.send('POST', '/v1/statements', `[${body}]`);
        expect(json.results).toMatchObject([{ status: 422 }]);
        const line = await running.send('POST', '/v1/statements', `${body}\n`, {
          'content-type': 'application/x-ndjson',
        });
        expect(line.text).toMatch(/"refused":1\b/);
      }
      problem(
        await running.send('POST', '/v1/locations', withOwn(name, value, '"names":[{"name":"x"}],')),
        422,
        'location-invalid',
      );
      problem(
        await running.send('POST', '/v1/replays', withOwn(name, value, '"kind":"rebuild",')),
        422,
        'replay-invalid',
      );
    }
  });

  it.each(NAMES)(
    'nor does a text, a parameter or part of a path of that name mean anything else: %s',
    async (name) => {
      const answer = await running.record({
        claim: { predicate: 'captured', actor: name, target: name },
        location: { name, region: name, within: name },
        speaker: { name, party: name, role: name },
        via: [name],
        source: { outlet: name },
      });
      const state = (await running.get(`/v1/locations/${answer.json.locationId}`)).json;
      expect(state).toMatchObject({ name, status: 'claimed', control: [{ holder: name, known: false }] });
      expect((await running.get(`/v1/statements?party=${name}`)).json.items).toMatchObject([
        { speaker: { party: name, name, role: name }, via: [name], claim: { actor: name } },
      ]);
      for (const path of [
        '/v1/locations',
        '/v1/locations/gn-1',
        '/v1/statements',
        '/v1/parties',
        '/v1/events',
      ]) {
        const refused = await running.get(`${path}?${name}=1`);
        problem(refused, 422, 'query-invalid');
        expect(refused.json.errors).toEqual([{ pointer: `/${name}`, detail: 'unknown parameter' }]);
      }
      for (const path of ['locations', 'statements', 'events', 'rulesets', 'replays'])
        expect((await running.get(`/v1/${path}/${name}`)).status).toBe(404);
      problem(await running.get(`/v1/locations?status=${name}`), 422, 'query-invalid');
      expect((await running.get(`/v1/locations?side=${name}`)).json.items.length).toBe(1);
    },
  );

  it.each([
    ['/v1/locations?asOf=', ''],
    ['/v1/locations?knownAt=', ''],
    ['/v1/locations?changedSince=', ''],
    ['/v1/locations/gn-1?asOf=', ''],
    ['/v1/locations/gn-1?knownAt=', ''],
    ['/v1/locations/gn-1/timeline?from=', ''],
    ['/v1/locations/gn-1/timeline?to=', ''],
    ['/v1/locations/gn-1/history?asOf=', ''],
    ['/v1/locations/gn-1/compare?a=', ''],
    ['/v1/locations/gn-1/compare?a=', '@2025-11-25'],
    ['/v1/locations/gn-1/compare?a=2025-11-20@', ''],
    ['/v1/locations/gn-1/compare?a=2025&b=', ''],
    ['/v1/changes?from=', ''],
    ['/v1/changes?knownAt=', ''],
    ['/v1/statements?to=', ''],
    ['/v1/events?from=', ''],
    ['/v1/events?to=', ''],
  ])('a time whose + came in as a blank: the message says what to type: %s...%s', async (begin, end) => {
    for (const time of [
      '2025-11-20T10:00:00+02:00',
      '2025-11-20T10:00:00.5+0530',
      '2025-11-20T10:00+02:00',
    ]) {
      const name = /[?&](\w+)=[^=]*$/.exec(begin)![1]!;
      const answer = await running.get(`${begin}${time}${end}`);
      problem(answer, 422, 'query-invalid');
      const typed = `${begin.slice(begin.lastIndexOf('=') + 1)}${time.replace('+', '%2B')}${end}`;
      expect(answer.json).toMatchObject({
        detail: expect.stringContaining(`write ${typed}`),
        errors: [{ pointer: `/${name}`, detail: expect.stringContaining(`write ${typed}`) }],
      });
      expect(
        (
          await running.get(
            `${begin}${time.replace('+', '%2B')}${end}${begin.startsWith('/v1/events') ? '' : '&wait=1'}`,
          )
        ).status,
      ).not.toBe(422);
    }
    for (const wrong of [
      '2025-11-20T10:00:00 99:99',
      '2025-13-20T10:00:00+02:00',
      'yesterday',
      '2025-11-20 10:00',
      '1+02:00',
    ])
      expect((await running.get(`${begin}${encodeURIComponent(wrong)}${end}`)).text).not.toContain('%2B');
  });

  it('both times of a moment that came so', async () => {
    const answer = await running.get(
      '/v1/locations/gn-1/compare?a=2025-11-20T10:00:00+02:00@2025-11-25T10:00:00+02:00',
    );
    expect(answer.json.errors).toEqual([
      {
        pointer: '/a',
        detail: expect.stringContaining('write 2025-11-20T10:00:00%2B02:00@2025-11-25T10:00:00%2B02:00'),
      },
    ]);
  });

  it.each([
    ['/v1/locations/register?x=1', 404, 'location-not-found'],
    ['/v1/locations/register/timeline?x=1', 404, 'location-not-found'],
    ['/v1/statements/1?x=1', 404, 'statement-not-found'],
    ['/v1/events/1?x=1', 422, 'query-invalid'],
    ['/v1/events/1/proof?x=1', 422, 'query-invalid'],
    ['/v1/replays/1?x=1', 422, 'query-invalid'],
    ['/v1/rulesets/1?x=1', 422, 'query-invalid'],
  ])('where both the path and the query are wrong: %s', async (path, status, code) => {
    problem(await running.get(path), status, code);
  });

  it('that is not HTTP', async () => {
    const { port, hostname } = new URL(running.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('GET / HTTP/9.9\r\nx\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect((await running.get('/healthz')).status).toBe(200);
  });

  it('of any kind is never a 5xx, and every refusal is a problem', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '',
        ' ',
        '0',
        '-1',
        '2025-11-20',
        '9999-12-31',
        '0000',
        'gn-1',
        'russia',
        ID,
        '0:1',
        '1:0,2:0',
        '%',
        '%00',
        "'",
        '"; drop table claimline.events; --',
        '\u202e',
        '\ud800',
        'x'.repeat(5000),
      ),
      fc.integer(),
      fc.double(),
      fc.constantFrom(null, true, [], {}, [[]], { a: { b: {} } }),
    );
    const path = fc.constantFrom(
      'stance',
      'claim',
      'claim.predicate',
      'claim.actor',
      'claim.extent',
      'claim.target',
      'location',
      'location.name',
      'location.id',
      'location.country',
      'location.region',
      'speaker',
      'speaker.name',
      'speaker.party',
      'via',
      'by',
      'reason',
      'occurredAt',
      'occurredAt.from',
      'statedAt',
      'source',
      'source.url',
      'source.publishedAt',
      'source.span',
      'source.quote',
      'source.language',
      'grading',
      'extraction',
      'statementId',
      '__proto__',
      'constructor',
      'toString',
    );
    const statement = fc.array(fc.tuple(path, value), { minLength: 1, maxLength: 3 }).map((changes) => {
      const body: Record<string, unknown> = structuredClone(PLAIN);
      for (const [at, given] of changes) {
        const [first, second] = at.split('.') as [string, string?];
        const held =
          Object.hasOwn(body, first) && typeof body[first] === 'object' && body[first] !== null
            ? (body[first] as Record<string, unknown>)
            : {};
        Object.defineProperty(body, first, {
          value: second ? { ...held, [second]: given } : given,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return body;
    });
    const any = fc.oneof(
      statement,
      fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown),
      fc.array(statement, { maxLength: 3 }),
    );
    const text = value.map((one) =>
      encodeURIComponent(
        String(typeof one === 'object' ? JSON.stringify(one) : one)
          .toWellFormed()
          .slice(0, 3000),
      ),
    );
    const id = fc.oneof(text, fc.constantFrom('gn-1', ID, 'register'));
    const query = fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'limit',
            'cursor',
            'status',
            'side',
            'flag',
            'q',
            'bbox',
            'changedSince',
            'order',
            'asOf',
            'knownAt',
            'after',
            'wait',
            'from',
            'to',
            'stance',
            'predicate',
            'speaker',
            'party',
            'outlet',
            'url',
            'types',
            'dryRun',
            'ruleset',
            'a',
            'b',
          ),
          text,
        ),
        { maxLength: 3 },
      )
      .map((pairs) => pairs.map(([name, given]) => `${name}=${given}`).join('&'));
    const request = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ method: fc.constant('POST'), path: fc.constant('/v1/statements'), body: any }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          method: fc.constant('POST'),
          path: fc.constantFrom(
            `/v1/statements/${ID}/retract`,
            `/v1/statements/${ID}/void`,
            `/v1/statements/${ID}/correct`,
            '/v1/locations',
            '/v1/locations/gn-1/names',
            '/v1/locations/gn-1/merge',
          ),
          body: any,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          method: fc.constant('PUT'),
          path: fc.constant('/v1/locations/gn-1/coordinates'),
          body: any,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          method: fc.constant('DELETE'),
          path: id.map((one) => `/v1/locations/gn-1/names/${one}`),
          body: fc.constant(undefined),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          method: fc.constant('GET'),
          path: fc
            .tuple(
              fc.oneof(
                fc.constantFrom(
                  '/v1/locations',
                  '/v1/statements',
                  '/v1/events',
                  '/v1/locations/gn-1',
                  '/v1/locations/gn-1/timeline',
                  '/v1/locations/gn-1/history',
                  '/v1/locations/gn-1/compare',
                  '/v1/changes',
                  '/v1/rulesets',
                  '/v1/projections',
                ),
                id.map((one) => `/v1/locations/${one}`),
                id.map((one) => `/v1/statements/${one}`),
                id.map((one) => `/v1/events/${one}`),
                id.map((one) => `/v1/rulesets/${one}`),
              ),
              query,
            )
            .map(([at, given]) => `${at}?wait=10&${given}`),
          body: fc.constant(undefined),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 8, maxLength: 8 }), async (requests) => {
        const answers = await Promise.all(
          requests.map(({ method, path: at, body }) => running.send(method, at, body)),
        );
        answers.forEach((answer, n) => {
          if (answer.status >= 500 && answer.status !== 504)
            throw new Error(`${answer.status} to ${JSON.stringify(requests[n])}: ${answer.text}`);
          if (answer.status >= 400)
            expect(answer.json).toMatchObject({
              type: expect.stringMatching(/^urn:claimline:problem:/),
              title: expect.any(String),
              detail: expect.any(String),
              status: answer.status,
            });
        });
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});
