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
    problem(await running.send('POST', '/v1/statements', 'x=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'media-type-unsupported');
    problem(await running.send('POST', '/v1/statements', JSON.stringify({ ...PLAIN, by: 'x'.repeat(10 * 1024 * 1024) })), 413, 'body-too-large');
    problem(await running.send('POST', '/v1/statements', `${'['.repeat(100_000)}${']'.repeat(100_000)}`), 400, 'body-malformed');
    problem(await running.send('POST', '/v1/statements', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), 400, 'body-malformed');
    problem(await running.send('GET', '/v1/nothing'), 404, 'not-found');
    const bytes = await fetch(`${running.url}/v1/statements`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) });
    expect(bytes.status).toBe(400);
  });

  it.each([
    [{ stance: 'perhaps' }, '/stance'],
    [{ claim: { predicate: 'liberated', actor: 'russia' } }, '/claim/predicate'],
    [{ claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 100 } } }, '/claim/extent/percent'],
    [{ claim: { predicate: 'controls', actor: 'russia', extent: { op: '=', percent: -1 } } }, '/claim/extent/percent'],
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
    problem(await running.send('POST', '/v1/locations', { names: [{ name: 'x' }], coordinates: [200, 100] }), 422, 'location-invalid');
    problem(await running.send('POST', '/v1/locations', { names: [] }), 422, 'location-invalid');
    problem(await running.send('POST', '/v1/locations', { id: 'register', names: [{ name: 'x' }] }), 422, 'location-invalid');
    problem(await running.send('POST', '/v1/locations/gn-1/merge', { into: 'gn-1' }), 422, 'merge-circle');
    problem(await running.send('POST', '/v1/locations/gn-1/merge', {}), 422, 'location-invalid');
    problem(await running.send('DELETE', '/v1/locations/gn-1/names/One'), 409, 'location-conflict');
    problem(await running.send('POST', '/v1/statements', { ...PLAIN, location: { id: 'gn-2' } }), 422, 'location-unknown');
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
      fc.constantFrom('', ' ', '0', '-1', '2025-11-20', '9999-12-31', '0000', 'gn-1', 'russia', ID, '0:1', '1:0,2:0', '%', '%00', "'", '"; drop table claimline.events; --', '\u202e', '\ud800', 'x'.repeat(5000)),
      fc.integer(),
      fc.double(),
      fc.constantFrom(null, true, [], {}, [[]], { a: { b: {} } }),
    );
    const path = fc.constantFrom('stance', 'claim', 'claim.predicate', 'claim.actor', 'claim.extent', 'claim.target', 'location', 'location.name', 'location.id', 'location.country', 'location.region', 'speaker', 'speaker.name', 'speaker.party', 'via', 'by', 'reason', 'occurredAt', 'occurredAt.from', 'statedAt', 'source', 'source.url', 'source.publishedAt', 'source.span', 'source.quote', 'source.language', 'grading', 'extraction', 'statementId', '__proto__', 'constructor', 'toString');
    const statement = fc.array(fc.tuple(path, value), { minLength: 1, maxLength: 3 }).map((changes) => {
      const body: Record<string, unknown> = structuredClone(PLAIN);
      for (const [at, given] of changes) {
        const [first, second] = at.split('.') as [string, string?];
        const held = Object.hasOwn(body, first) && typeof body[first] === 'object' && body[first] !== null ? (body[first] as Record<string, unknown>) : {};
        Object.defineProperty(body, first, { value: second ? { ...held, [second]: given } : given, enumerable: true, configurable: true, writable: true });
      }
      return body;
    });
    const any = fc.oneof(statement, fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown), fc.array(statement, { maxLength: 3 }));
    const text = value.map((one) => encodeURIComponent(String(typeof one === 'object' ? JSON.stringify(one) : one).toWellFormed().slice(0, 3000)));
    const id = fc.oneof(text, fc.constantFrom('gn-1', ID, 'register'));
    const query = fc.array(fc.tuple(fc.constantFrom('limit', 'cursor', 'status', 'side', 'flag', 'q', 'bbox', 'changedSince', 'order', 'asOf', 'knownAt', 'after', 'wait', 'from', 'to', 'stance', 'predicate', 'speaker', 'party', 'outlet', 'url', 'types', 'dryRun', 'ruleset', 'a', 'b'), text), { maxLength: 3 }).map((pairs) => pairs.map(([name, given]) => `${name}=${given}`).join('&'));
    const request = fc.oneof(
      { weight: 4, arbitrary: fc.record({ method: fc.constant('POST'), path: fc.constant('/v1/statements'), body: any }) },
      { weight: 1, arbitrary: fc.record({ method: fc.constant('POST'), path: fc.constantFrom(`/v1/statements/${ID}/retract`, `/v1/statements/${ID}/void`, `/v1/statements/${ID}/correct`, '/v1/locations', '/v1/locations/gn-1/names', '/v1/locations/gn-1/merge'), body: any }) },
      { weight: 1, arbitrary: fc.record({ method: fc.constant('PUT'), path: fc.constant('/v1/locations/gn-1/coordinates'), body: any }) },
      { weight: 1, arbitrary: fc.record({ method: fc.constant('DELETE'), path: id.map((one) => `/v1/locations/gn-1/names/${one}`), body: fc.constant(undefined) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          method: fc.constant('GET'),
          path: fc.tuple(fc.oneof(fc.constantFrom('/v1/locations', '/v1/statements', '/v1/events', '/v1/locations/gn-1', '/v1/locations/gn-1/timeline', '/v1/locations/gn-1/history', '/v1/locations/gn-1/compare', '/v1/changes', '/v1/rulesets', '/v1/projections'), id.map((one) => `/v1/locations/${one}`), id.map((one) => `/v1/statements/${one}`), id.map((one) => `/v1/events/${one}`), id.map((one) => `/v1/rulesets/${one}`)), query).map(([at, given]) => `${at}?wait=10&${given}`),
          body: fc.constant(undefined),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 8, maxLength: 8 }), async (requests) => {
        const answers = await Promise.all(requests.map(({ method, path: at, body }) => running.send(method, at, body)));
        answers.forEach((answer, n) => {
          if (answer.status >= 500 && answer.status !== 504) throw new Error(`${answer.status} to ${JSON.stringify(requests[n])}: ${answer.text}`);
          if (answer.status >= 400) expect(answer.json).toMatchObject({ type: expect.stringMatching(/^urn:claimline:problem:/), title: expect.any(String), detail: expect.any(String), status: answer.status });
        });
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});
