import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { OtlpReceiver } from './otlp-receiver.js';

const newTrace = (flags = '01') => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
};

describe('a traced service', () => {
  const receiver = new OtlpReceiver();
  let running: Running;
  let database: pg.Client;
  beforeAll(async () => {
    running = await startRunning({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${await receiver.start()}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=the%20desk',
      OTEL_SERVICE_NAME: 'traced',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    database = new pg.Client({ connectionString: running.databaseUrl });
    await database.connect();
  }, 60_000);
  afterAll(async () => {
    await database?.end();
    await running?.stop();
    receiver.stop();
  });

  const post = (trace: { traceparent: string }, change: object = {}) =>
    running.send(
      'POST',
      '/v1/statements',
      { ...PLAIN, statementId: randomUUID(), ...change },
      { traceparent: trace.traceparent },
    );
  /** The spans of a trace by their names, as soon as all of these are there. */
  const spansOf = (traceId: string, names: readonly string[]) =>
    receiver.until((spans) => {
      const found = names.map((name) => spans.find((span) => span.traceId === traceId && span.name === name));
      return found.every((span) => span !== undefined) ? found : undefined;
    });
  const storedTrace = async (eventId: string): Promise<string | null> => {
    const { rows } = await database.query<{ traceparent: string | null }>(
      'select traceparent from claimline.events where event_id = $1',
      [eventId],
    );
    return rows[0]!.traceparent;
  };

  it("follows a statement from its request to its projection, in the client's trace", async () => {
    const trace = newTrace();
    const { json } = await post(trace);
    const [request, command, append, project] = await spansOf(trace.traceId, [
      'POST /v1/statements',
      'command RecordStatements',
      'append',
      'project',
    ]);
    expect([request, command, append, project].map((span) => span!.parentSpanId)).toEqual([
      trace.spanId,
      request!.spanId,
      command!.spanId,
      request!.spanId,
    ]);
    expect([request, append].map((span) => span!.kind)).toEqual([2, 3]);
    expect(request).toMatchObject({
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/statements',
        'http.response.status_code': 201,
      },
      resource: { 'service.name': 'traced', 'service.version': expect.any(String) },
    });
    expect(command!.attributes).toMatchObject({ 'claimline.statements': 1 });
    expect(project!.attributes).toMatchObject({ 'claimline.events': 1 });
    expect(await storedTrace(json.eventId)).toBe(`00-${trace.traceId}-${request!.spanId}-01`);
    expect(receiver.requests[0]).toMatchObject({ url: '/v1/traces', headers: { 'x-tenant': 'the desk' } });
  }, 60_000);

  it('keeps the trace beside the event: its text and its digest have none of it', async () => {
    const trace = newTrace();
    const { json } = await post(trace, { location: { name: 'Beside' } });
    const { rows } = await database.query<{ body: string; digest: Buffer }>(
      'select body, digest from claimline.events where event_id = $1',
      [json.eventId],
    );
    const [{ body, digest }] = rows as [(typeof rows)[number]];
    expect(body).not.toContain(trace.traceId);
    expect(digest.toString('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    expect(JSON.stringify((await running.get(`/v1/events/${json.eventId}`)).json)).not.toContain(
      trace.traceId,
    );
  });

  it('leads from each of many statements to the projection that applied it, however they were put together', async () => {
    const traces = Array.from({ length: 40 }, () => newTrace());
    await Promise.all(traces.map((trace, n) => post(trace, { location: { name: `Many ${n % 7}` } })));
    for (const kind of ['append', 'project'])
      for (const { traceId } of traces)
        await receiver.until((spans) =>
          spans.find(
            ({ name, links = [], ...span }) =>
              name === kind && (span.traceId === traceId || links.some((link) => link.traceId === traceId)),
          ),
        );
  }, 60_000);

  it('traces commands of the register, and begins a trace where the client has none', async () => {
    const { json } = await running.send('POST', '/v1/locations', { id: 'gn-1', names: [{ name: 'One' }] });
    const [request] = await receiver.until((spans) => {
      const found = spans.filter(({ name }) => name === 'POST /v1/locations');
      return found.length > 0 ? found : undefined;
    });
    expect(json.eventId).toBeDefined();
    expect(request!.parentSpanId ?? '').toBe('');
    const [command, append] = await spansOf(request!.traceId, ['command ChangePlace', 'append']);
    expect([command!.parentSpanId, append!.parentSpanId]).toEqual([request!.spanId, command!.spanId]);
  }, 60_000);

  it('sends nothing of a trace that its client does not sample, and keeps its id', async () => {
    const [left, sampled] = [newTrace('00'), newTrace()];
    const { json } = await post(left, { location: { name: 'Unsampled' } });
    expect(await storedTrace(json.eventId)).toMatch(new RegExp(`^00-${left.traceId}-[0-9a-f]{16}-00$`));
    await running.get(`/v1/locations/${json.locationId}?after=${json.token}`);
    await post(sampled, { location: { name: 'Sampled' } });
    await spansOf(sampled.traceId, ['POST /v1/statements', 'append', 'project']);
    expect(receiver.spans.filter(({ traceId }) => traceId === left.traceId)).toEqual([]);
  }, 60_000);

  it('names the trace in problems, and takes no part in a trace that is none', async () => {
    const trace = newTrace();
    const { json, headers } = await running.get('/v1/nothing', { traceparent: trace.traceparent });
    expect(json).toMatchObject({ traceId: trace.traceId, requestId: headers.get('x-request-id') });
    const wrong = await running.get('/v1/nothing', { traceparent: 'not a trace' });
    expect(wrong.json.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('leaves out what machines ask every few seconds', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect((await running.get(path)).status).toBeLessThan(504);
    const trace = newTrace();
    await running.get('/v1/parties', { traceparent: trace.traceparent });
    await spansOf(trace.traceId, ['GET /v1/parties']);
    expect(receiver.spans.filter(({ name }) => /healthz|readyz|metrics/.test(name))).toEqual([]);
  }, 60_000);

  it('sends what is left when it stops', async () => {
    const short = await startRunning({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${new URL(await another.start()).port}`,
      OTEL_SERVICE_NAME: 'short',
    });
    const trace = newTrace();
    await short.get('/v1/parties', { traceparent: trace.traceparent });
    await short.stop();
    expect(another.spans.filter(({ traceId }) => traceId === trace.traceId)).toHaveLength(1);
    another.stop();
  }, 60_000);
  const another = new OtlpReceiver();
});

describe('a service that keeps no trace that begins with it', () => {
  const receiver = new OtlpReceiver();
  let running: Running;
  let database: pg.Client;
  beforeAll(async () => {
    running = await startRunning({
      OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.start(),
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    database = new pg.Client({ connectionString: running.databaseUrl });
    await database.connect();
  }, 60_000);
  afterAll(async () => {
    await database?.end();
    await running?.stop();
    receiver.stop();
  });

  const recordedTrace = async (headers: Record<string, string>): Promise<string | null> => {
    const statement = { ...PLAIN, statementId: randomUUID() };
    const { json } = await running.send('POST', '/v1/statements', statement, headers);
    await running.get(`/v1/locations/${json.locationId}?after=${json.token}&wait=20000`);
    const { rows } = await database.query<{ traceparent: string | null }>(
      'select traceparent from claimline.events where event_id = $1',
      [json.eventId],
    );
    return rows[0]!.traceparent;
  };

  it('records which trace a statement belongs to, as one that is not kept, and sends nothing of it', async () => {
    const stored = [await recordedTrace({}), await recordedTrace({})];
    for (const traceparent of stored) expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(new Set(stored.map((traceparent) => traceparent!.split('-')[1])).size).toBe(2);
    const problem = (await running.get('/v1/nothing')).json;
    expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);

    // What its client keeps is kept, with the id of the client's trace, and comes after all of those.
    const kept = newTrace();
    expect(await recordedTrace({ traceparent: kept.traceparent })).toMatch(
      new RegExp(`^00-${kept.traceId}-[0-9a-f]{16}-01$`),
    );
    await receiver.until((spans) =>
      ['POST /v1/statements', 'append', 'project'].every((name) =>
        spans.some((span) => span.name === name && span.traceId === kept.traceId),
      )
        ? true
        : undefined,
    );
    expect([...new Set(receiver.spans.map(({ traceId }) => traceId))]).toEqual([kept.traceId]);
    const left = newTrace('00');
    expect(await recordedTrace({ traceparent: left.traceparent })).toMatch(
      new RegExp(`^00-${left.traceId}-[0-9a-f]{16}-00$`),
    );
  }, 60_000);
});
