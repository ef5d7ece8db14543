import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createLogger } from '#libs/platform';
import { PLAIN, startRunning, type Running } from './running.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the id of a request', () => {
  const lines: Record<string, unknown>[] = [];
  let running: Running;
  beforeAll(async () => {
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    running = await startRunning({}, createLogger('info', { write }));
  });
  afterAll(() => running.stop());

  const linesOf = async (requestId: string, msg: string) => {
    for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      const found = lines.filter((line) => line.requestId === requestId && line.msg === msg);
      if (found.length > 0 || Date.now() > deadline) return found;
    }
  };

  it('is taken from X-Request-Id, returned, and in the line of the log', async () => {
    const given = 'Root=1-67891233-abcdef012345678912345678';
    const answer = await running.get('/v1/parties', { 'x-request-id': given });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, given]);
    expect(await linesOf(given, 'request')).toEqual([
      expect.objectContaining({ method: 'GET', path: '/v1/parties', status: 200 }),
    ]);
  });

  it.each([
    ['none', {}],
    ['blank', { 'x-request-id': ' ' }],
    ['long', { 'x-request-id': 'a'.repeat(129) }],
    ['text', { 'x-request-id': 'a b"c' }],
  ])('is made where it is %s', async (_, headers) => {
    const [first, second] = [await running.get('/healthz', headers), await running.get('/healthz', headers)];
    const ids = [first, second].map((answer) => answer.headers.get('x-request-id'));
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(2);
  });

  it('is in each problem, whoever makes it', async () => {
    const headers = { 'x-request-id': 'mine' };
    for (const [method, path, status, body] of [
      ['GET', '/v1/nothing', 404],
      ['GET', '/v1/locations?limit=0', 422],
      ['PUT', '/v1/statements', 405],
      ['POST', '/v1/statements', 400, '{'],
      ['GET', '/v1/%ZZ', 400],
      ['POST', '/v1/statements', 422, {}],
    ] as const) {
      const answer = await running.send(method, path, body, headers);
      expect([path, answer.status, answer.json?.requestId, answer.headers.get('x-request-id')]).toEqual([
        path,
        status,
        'mine',
        'mine',
      ]);
      expect(answer.json).not.toHaveProperty('traceId');
    }
  });

  it('is in what answers a request that is no HTTP', async () => {
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    socket.write('nonsense\r\n\r\n');
    let said = '';
    for await (const chunk of socket) said += String(chunk);
    const [head, body] = said.split('\r\n\r\n');
    const { requestId } = JSON.parse(body!) as { requestId: string };
    expect(requestId).toMatch(UUID);
    expect(head).toContain(`x-request-id: ${requestId}`);
  });

  it('of a stream is in its header', async () => {
    const reading = new AbortController();
    const answer = await fetch(`${running.url}/v1/stream`, {
      headers: { 'x-request-id': 'live' },
      signal: reading.signal,
    });
    expect(answer.headers.get('x-request-id')).toBe('live');
    reading.abort();
  });

  it('joins the problem of an answer, or of a stream, to the error in the log', async () => {
    const client = new pg.Client({ connectionString: running.databaseUrl });
    await client.connect();
    await client.query('alter function claimline.append rename to append_away');
    try {
      const one = await running.send('POST', '/v1/statements', PLAIN, { 'x-request-id': 'one' });
      expect(one).toMatchObject({ status: 500, json: { requestId: 'one' } });
      expect(await linesOf('one', 'request failed')).toMatchObject([
        { code: 'internal-error', err: { message: expect.stringContaining('claimline.append') } },
      ]);
      const many = await running.send('POST', '/v1/statements', `${JSON.stringify(PLAIN)}\n`, {
        'content-type': 'application/x-ndjson',
        'x-request-id': 'many',
      });
      expect(many.text).toContain('"requestId":"many"');
      expect(await linesOf('many', 'stream failed')).toHaveLength(1);
    } finally {
      await client.query('alter function claimline.append_away rename to append');
      await client.end();
    }
  });
});
