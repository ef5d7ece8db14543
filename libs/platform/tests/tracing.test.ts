import { afterEach, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../src/logs.js';
import { openTracing } from '../src/tracing/open-tracing.js';
import { traced, type Tracing } from '../src/tracing/tracing.js';

const A = { trace: 'a'.repeat(32), span: '1'.repeat(16) };
const B = { trace: 'b'.repeat(32), span: '2'.repeat(16) };
const parent = ({ trace, span }: typeof A, flags = '01') => `00-${trace}-${span}-${flags}`;

interface Sent {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
  status: { code: number; message?: string };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function collector(answer: () => number = () => 200) {
  const spans: Sent[] = [];
  const endpoint = await listen((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
      for (const { scopeSpans } of resourceSpans) spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      response.writeHead(answer(), { 'content-type': 'application/json', connection: 'close' }).end('{}');
    });
  });
  return { spans, tracing: { endpoint, headers: {}, serviceName: 'test', delayMs: 10 } };
}

const silent = createLogger('silent');

/** The spans of some work. */
async function spansOf(work: (tracing: Tracing) => Promise<unknown>, ratio?: number): Promise<Sent[]> {
  const { spans, tracing: settings } = await collector();
  const tracing = await openTracing({ tracing: { ...settings, ratio } }, silent);
  await work(tracing!);
  await tracing!.close();
  return spans;
}

test('there is none without an endpoint: the work is done all the same', async () => {
  expect(await openTracing({}, silent)).toBeUndefined();
  const options = () => {
    throw new Error('not asked for');
  };
  expect(await traced(undefined, 'work', options, async () => 7)).toBe(7);
});

test('a span is a child of the one that runs it, and knows why its work failed', async () => {
  const [inner, outer] = await spansOf((tracing) =>
    tracing
      .span('outer', { of: [parent(A)] }, () =>
        tracing.span('inner', {}, () => Promise.reject(new Error('no room'))),
      )
      .catch(() => {}),
  );
  expect(outer).toMatchObject({ name: 'outer', traceId: A.trace, parentSpanId: A.span });
  expect(inner).toMatchObject({
    name: 'inner',
    traceId: A.trace,
    parentSpanId: outer!.spanId,
    status: { code: 2, message: 'no room' },
  });
});

test('work on things of one trace belongs to it, work on things of several is linked to each', async () => {
  const nothing = async () => {};
  const [one, several, within] = await spansOf(async (tracing) => {
    await tracing.span('one', { of: [parent(A), undefined, parent(A), null, 'nonsense'] }, nothing);
    await tracing.span('several', { of: [parent(A), parent(B)] }, nothing);
    await tracing.span('another', { of: [parent(B)] }, () =>
      tracing.span('within', { of: [parent(A), parent(B)] }, nothing),
    );
  });
  expect(one).toMatchObject({ traceId: A.trace, parentSpanId: A.span });
  expect(one!.links ?? []).toEqual([]);
  for (const span of [several, within]) {
    expect([A.trace, B.trace]).not.toContain(span!.traceId);
    expect(span!.links).toMatchObject([
      { traceId: A.trace, spanId: A.span },
      { traceId: B.trace, spanId: B.span },
    ]);
  }
});

test('what nobody samples is not sent; a share of the others is', async () => {
  const nothing = async () => {};
  const unsampled = await spansOf(async (tracing) => {
    await tracing.span('one', { of: [parent(A, '00')] }, nothing);
    await tracing.span('two', { of: [parent(A, '00'), parent(B, '00')] }, nothing);
  });
  expect(unsampled).toEqual([]);
  const none = await spansOf(async (tracing) => {
    await tracing.span('root', {}, nothing);
    await tracing.span('asked for', { of: [parent(A)] }, nothing);
  }, 0);
  expect(none.map(({ name }) => name)).toEqual(['asked for']);
});

test('a trace that is kept has the work on it, whatever that is done with, and however small the share is', async () => {
  const nothing = async () => {};
  const C = { trace: 'c'.repeat(32), span: '3'.repeat(16) };
  const left = [parent(B, '00'), parent(C, '00')];
  const spans = await spansOf(async (tracing) => {
    await tracing.span('with others', { of: [...left, parent(A)] }, nothing);
    await tracing.span('not kept', {}, () =>
      tracing.span('done by another', { of: [...left, parent(A)] }, nothing),
    );
    await tracing.span(
      'of two',
      { of: [parent(A), ...left, parent({ ...B, trace: 'd'.repeat(32) })] },
      nothing,
    );
    await tracing.span('left', { of: left }, nothing);
  }, 0);
  expect(spans.map(({ name }) => name)).toEqual(['with others', 'done by another', 'of two']);
  for (const span of spans.slice(0, 2))
    expect(span).toMatchObject({ traceId: A.trace, parentSpanId: A.span });
  expect(spans[2]!.links!.map(({ traceId }) => traceId)).toEqual([A.trace, 'd'.repeat(32)]);
});

test('a collector that refuses is reported once, and once when it takes spans again', async () => {
  let [status, asked] = [400, 0];
  const { tracing: settings } = await collector(() => ((asked += 1), status));
  const lines: { level: number; msg: string }[] = [];
  const log = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
  const tracing = (await openTracing({ tracing: settings }, log))!;
  const send = async () => {
    const before = asked;
    await tracing.span('work', {}, async () => {});
    for (const deadline = Date.now() + 30_000; asked === before && Date.now() < deadline;) await sleep(10);
    await sleep(50);
  };
  for (const next of [400, 400, 200, 200]) {
    status = next;
    await send();
  }
  await tracing.close();
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [40, 'traces cannot be sent to the collector; they are dropped'],
    [30, 'traces reach the collector again'],
  ]);
}, 120_000);

test('a collector that does not answer delays the stop of the service by two seconds at most', async () => {
  const unanswered: ServerResponse[] = [];
  const endpoint = await listen((_request, response) => void unanswered.push(response));
  const settings = { endpoint, headers: {}, serviceName: 'test', delayMs: 10 };
  const tracing = (await openTracing({ tracing: settings }, silent))!;
  await tracing.span('work', {}, async () => {});
  const begin = performance.now();
  await tracing.close();
  // Its own time-out is 10 s.
  expect(performance.now() - begin).toBeLessThan(8000);
  expect(unanswered).toHaveLength(1);
  for (const response of unanswered) response.writeHead(200, { connection: 'close' }).end('{}');
}, 60_000);
