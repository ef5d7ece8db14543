import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CommandInvalid,
  createProducer,
  NotSent,
  ServiceError,
  StatementInvalid,
  type CorrectionInput,
  type Producer,
  type ProducerOptions,
  type StatementInput,
  type VoidInput,
} from '#libs/client';
import { failure, said, upTo } from './said.js';
import { Unsteady, type Seen } from './unsteady.js';

const ID = '0f000000-0000-4000-8000-000000000001';
const MISTAKE = { by: 'worker-1', reason: 'a mistake' };

/** A service that takes everything. */
let service: Unsteady;
let producers: Producer[];
let others: Unsteady[];
beforeEach(async () => {
  producers = [];
  others = [];
  service = await Unsteady.open(({ body, path }) =>
    path === '/v1/statements'
      ? { body: { results: statementsOf({ body }).map(() => ({})), token: '' } }
      : { status: 201, body: {} },
  );
});
afterEach(async () => {
  await Promise.allSettled(producers.map((producer) => producer.close({ timeoutMs: 0 })));
  await Promise.all([service, ...others].map((one) => one.close()));
});

/** Another service, which answers statements with something else. */
async function answering(body: () => unknown): Promise<string> {
  const other = await Unsteady.open(() => ({ body: body() }));
  others.push(other);
  return other.url;
}

const statementsOf = ({ body }: Pick<Seen, 'body'>) =>
  JSON.parse(body) as (StatementInput & { statementId: string })[];
const arrays = () => service.seen.filter(({ path }) => path === '/v1/statements');
const numbers = () =>
  arrays().flatMap((seen) => statementsOf(seen).map(({ source }) => Number(source!.url!.split('/').at(-1))));

function produceTo(options: Partial<ProducerOptions> = {}): Producer {
  const producer = createProducer({ url: service.url, longestRestMs: 10, ...options } as ProducerOptions);
  producers.push(producer);
  return producer;
}

/** Whether it is still under way after a while. */
const pends = (work: Promise<unknown>) => Promise.race([work.then(() => false), sleep(60).then(() => true)]);

describe('what is wrong', () => {
  test('every wrong field of every statement of an array is named, and none of the array is queued', async () => {
    const claimline = produceTo();
    const wrong = [
      said(0),
      { ...said(1), stance: 'maybe', extra: 1 },
      said(2),
      said(3, { claim: { predicate: 'captured' } }),
    ] as StatementInput[];
    const { invalid, message } = await failure(StatementInvalid, claimline.produce(wrong));
    expect(invalid).toEqual([
      {
        index: 1,
        errors: [
          { pointer: '/stance', detail: 'must be one of "assert", "deny"' },
          { pointer: '/extra', detail: 'unknown field' },
        ],
      },
      { index: 3, errors: [{ pointer: '/claim/actor', detail: 'is required: who captured' }] },
    ]);
    expect(message).toBe(
      'statement 1: /stance must be one of "assert", "deny"; statement 1: /extra unknown field; ' +
        'statement 3: /claim/actor is required: who captured',
    );
    await claimline.close();
    expect(service.seen).toEqual([]);
  });

  test('of an iterable those before it are queued', async () => {
    const claimline = produceTo();
    const { invalid } = await failure(
      StatementInvalid,
      claimline.produce([said(0), said(1), { ...said(2), statedAt: 'soon' }, said(3)].values()),
    );
    expect(invalid).toMatchObject([{ index: 2, errors: [{ pointer: '/statedAt' }] }]);
    await claimline.close();
    expect(numbers()).toEqual([0, 1]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'is not JSON'],
    ['a text', '{"stance": "assert"}', 'must be an object'],
    ['a circle', circle(), 'is not JSON: Converting circular structure to JSON'],
    ['a bigint', { ...said(1), extra: 1n }, 'is not JSON: Do not know how to serialize a BigInt'],
    [
      'what is too long for one message',
      said(1, { by: 'x'.repeat(1_000_000) }),
      'is longer than 900000 bytes',
    ],
  ])('%s is no statement', async (_, input, detail) => {
    const { invalid } = await failure(StatementInvalid, produceTo().produce(input as StatementInput));
    expect(invalid[0]!.errors[0]).toEqual({ pointer: '', detail });
  });

  test('what arrives is what counts: a field that JSON leaves out, and one that it changes', async () => {
    const claimline = produceTo();
    await claimline.produce(said(1, { by: undefined, statementId: undefined }));
    const { invalid } = await failure(
      StatementInvalid,
      claimline.produce(said(2, { extraction: { confidence: NaN } })),
    );
    expect(invalid[0]!.errors).toEqual([{ pointer: '/extraction/confidence', detail: 'must be a number' }]);
  });

  test('commands are checked too', async () => {
    const claimline = produceTo();
    expect(
      (await failure(CommandInvalid, claimline.retract('17', { statedAt: 'soon' }))).errors.map(
        ({ pointer }) => pointer,
      ),
    ).toEqual(['/statementId', '/statedAt', '/speaker']);
    expect(
      (await failure(CommandInvalid, claimline.retract(ID, { statedAt: '2025-11-20' }))).errors,
    ).toMatchObject([{ pointer: '/speaker' }]);
    const { errors, message } = await failure(
      CommandInvalid,
      claimline.void(ID, { because: 'so' } as unknown as VoidInput),
    );
    expect(errors).toEqual([
      ...['/by', '/reason'].map((pointer) => ({ pointer, detail: 'is required' })),
      { pointer: '/because', detail: 'unknown field' },
    ]);
    expect(message).toBe('void: /by is required; /reason is required; /because unknown field');
    expect((await failure(CommandInvalid, claimline.void('17', MISTAKE))).errors).toMatchObject([
      { pointer: '/statementId' },
    ]);
    expect(
      (await failure(CommandInvalid, claimline.void(ID, MISTAKE, { about: '17' }))).errors,
    ).toMatchObject([{ pointer: '/statementId' }]);
    expect(
      (
        await failure(
          CommandInvalid,
          claimline.correct('17', { statement: { ...said(1), stance: 'x' } } as unknown as CorrectionInput),
        )
      ).errors.map(({ pointer }) => pointer),
    ).toEqual(['/statementId', '/reason', '/statement/stance']);
  });

  test.each<[object, string]>([
    [{}, 'give either url'],
    [{ url: 'http://127.0.0.1', brokers: ['127.0.0.1:9092'] }, 'give either url'],
    [{ url: 'localhost:3000' }, 'must be an http or https URL'],
    [{ brokers: [] }, 'at least one'],
  ])('options %j', (options, message) => {
    expect(() => createProducer(options as ProducerOptions)).toThrow(message);
  });
});

describe('batches', () => {
  test('hold what comes together, no more than 500 nor 2 MB, in order', async () => {
    const claimline = produceTo();
    await claimline.produce(upTo(1200).map((number) => said(number)));
    await claimline.close();
    expect(numbers()).toEqual(upTo(1200));
    expect(arrays().map((seen) => statementsOf(seen).length)).toEqual([500, 500, 200]);
  });

  test('of long statements are shorter', async () => {
    const claimline = produceTo();
    await claimline.produce(
      upTo(100).map((number) =>
        said(number, {
          source: {
            url: `https://outlet.example/${number}`,
            quote: 'ї'.repeat(10_000),
            outlet: 'outlet.example',
          },
        }),
      ),
    );
    await claimline.close();
    expect(numbers()).toEqual(upTo(100));
    expect(Math.max(...arrays().map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(2_001_000);
    expect(arrays()).toHaveLength(2);
  });

  test('single ones that come soon after each other go together', async () => {
    const claimline = produceTo({ lingerMs: 50 });
    for (const number of upTo(20)) await claimline.produce(said(number));
    expect(service.seen).toHaveLength(0);
    await claimline.flush();
    expect(arrays()).toHaveLength(1);
  });

  test('are halved where something on the way takes less', async () => {
    service.fate = (seen) => (statementsOf(seen).length > 3 ? 413 : 'pass');
    const claimline = produceTo();
    await claimline.produce(upTo(20).map((number) => said(number)));
    await claimline.flush();
    service.fate = () => 'pass';
    service.seen.length = 0;
    await claimline.produce(upTo(9).map((number) => said(number)));
    await claimline.close();
    expect(numbers()).toEqual(upTo(9));
    expect(arrays().map((seen) => statementsOf(seen).length)).toEqual([3, 3, 3]);
  });

  test('hold one trace each', async () => {
    const claimline = produceTo();
    const trace = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    await claimline.produce([said(0), said(1)]);
    await claimline.produce(said(2), { traceparent: trace('a') });
    await claimline.produce([said(3), said(4)], { traceparent: trace('b') });
    await claimline.void(ID, MISTAKE, { traceparent: trace('c') });
    await claimline.produce(said(5), { traceparent: 'no\ntrace' });
    await claimline.close();
    expect(service.seen.map(({ path, headers }) => [path, headers.traceparent])).toEqual([
      ['/v1/statements', undefined],
      ['/v1/statements', trace('a')],
      ['/v1/statements', trace('b')],
      [`/v1/statements/${ID}/void`, trace('c')],
      ['/v1/statements', undefined],
    ]);
    expect(numbers()).toEqual(upTo(6));
  });

  test('go where a proxy wants them, with its headers', async () => {
    const claimline = produceTo({
      url: `${service.url}/claims/`,
      headers: { authorization: 'Bearer made-up' },
    });
    await claimline.produce(said(1)).catch(() => {});
    await claimline.close().catch(() => {});
    expect(service.seen[0]).toMatchObject({
      path: '/claims/v1/statements',
      headers: { authorization: 'Bearer made-up' },
    });
  });
});

describe('the queue', () => {
  test('takes no more than its number', async () => {
    service.fate = () => 'stall';
    const claimline = produceTo({ maxQueued: 10, lingerMs: 0 });
    await claimline.produce(upTo(10).map((number) => said(number)));
    const more = claimline.produce([said(10), said(11)]);
    const last = claimline.produce(said(12));
    expect(await pends(more)).toBe(true);
    let pulled = 0;
    const endless = claimline.produce(
      (function* () {
        for (;;) yield said(1000 + pulled++);
      })(),
    );
    expect(await pends(endless)).toBe(true);
    expect(pulled).toBe(1);
    for (const one of [more, last, endless]) one.catch(() => {});
  });

  test('takes no more than its bytes, but one statement always', async () => {
    service.fate = () => 'stall';
    const size = Buffer.byteLength(JSON.stringify(said(0, { statementId: ID })));
    const claimline = produceTo({ maxQueuedBytes: 3 * size + 10, lingerMs: 0 });
    await claimline.produce(upTo(3).map((number) => said(number)));
    expect(await pends(claimline.produce(said(3)).catch(() => {}))).toBe(true);
    await produceTo({ maxQueuedBytes: 1 }).produce(said(0));
  });

  test('continues when there is room, in the order of the calls', async () => {
    let stalled = true;
    service.fate = () => (stalled ? 503 : 'pass');
    const claimline = produceTo({ maxQueued: 3, lingerMs: 0 });
    const calls = upTo(8).map((call) => claimline.produce(upTo(5).map((number) => said(call * 5 + number))));
    const flushed = claimline.flush();
    expect(await pends(Promise.all(calls))).toBe(true);
    stalled = false;
    await Promise.all(calls);
    await flushed;
    const recorded = arrays().filter(
      (_, at) => at >= arrays().findIndex((seen) => statementsOf(seen)[0]!.source!.url!.endsWith('/0')),
    );
    expect([
      ...new Set(
        recorded.flatMap((seen) =>
          statementsOf(seen).map(({ source }) => Number(source!.url!.split('/').at(-1))),
        ),
      ),
    ]).toEqual(upTo(40));
  });
});

describe('the end', () => {
  test('flush and close with nothing to send', async () => {
    const claimline = produceTo();
    await claimline.flush();
    await claimline.close();
    await claimline.close();
    await expect(claimline.produce(said(1))).rejects.toThrow('the producer is closed');
    await expect(claimline.produce([])).rejects.toThrow('the producer is closed');
    await expect(claimline.produce([said(1)].values())).rejects.toThrow('the producer is closed');
    await expect(claimline.void(ID, MISTAKE)).rejects.toThrow('the producer is closed');
    expect(service.seen).toEqual([]);
  });

  test('close sends what waits', async () => {
    const claimline = produceTo({ lingerMs: 10_000 });
    await claimline.produce(upTo(3).map((number) => said(number)));
    await claimline.close();
    expect(numbers()).toEqual(upTo(3));
  });

  test.each(['stall', 503, 'cut'] as const)(
    'close gives up in time where the service is away (%s)',
    async (fate) => {
      service.fate = () => fate;
      const claimline = produceTo();
      await claimline.produce(upTo(3).map((number) => said(number)));
      const flushed = failure(NotSent, claimline.flush());
      const begun = performance.now();
      const error = await failure(NotSent, claimline.close({ timeoutMs: 100 }));
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(error).toMatchObject({
        unsent: 3,
        message: '3 not acknowledged: closed before it was acknowledged, after 100 ms',
      });
      expect((await flushed).unsent).toBe(3);
      // One may be on its way still.
      await sleep(50);
      const count = service.seen.length;
      await sleep(100);
      expect(service.seen.length).toBe(count);
    },
  );

  test('a signal ends everything at once', async () => {
    service.fate = () => 'stall';
    const stop = new AbortController();
    const claimline = produceTo({ signal: stop.signal, maxQueued: 2, lingerMs: 0 });
    await claimline.produce([said(0), said(1)]);
    const waiting = failure(NotSent, claimline.produce(said(2)));
    const flushed = failure(NotSent, claimline.flush());
    stop.abort(new Error('the worker ends'));
    for (const { unsent, cause } of await Promise.all([
      waiting,
      flushed,
      failure(NotSent, claimline.produce(said(3))),
      failure(NotSent, claimline.close()),
    ]))
      expect([unsent, (cause as Error).message]).toEqual([3, 'the worker ends']);
    await failure(NotSent, produceTo({ signal: AbortSignal.abort() }).produce(said(1)));
  });

  test.each([401, 403, 404, 302, 400])(
    'status %s is not tried again: somebody must change something',
    async (status) => {
      service.fate = () => status;
      const claimline = produceTo();
      await claimline.produce(said(1));
      const { unsent, cause } = await failure(NotSent, claimline.flush());
      expect([unsent, (cause as ServiceError).status]).toEqual([1, status]);
      expect(service.seen).toHaveLength(1);
      await failure(NotSent, claimline.produce(said(2)));
      await failure(NotSent, claimline.close());
    },
  );

  test.each<[string, unknown]>([
    ['a page', '<html>Welcome</html>'],
    ['other JSON', { ok: true }],
    ['too few results', { results: [{}], token: '' }],
  ])('%s is not the answer of a Claimline', async (_, body) => {
    const claimline = produceTo({ url: await answering(() => body) });
    await claimline.produce([said(1), said(2)]);
    expect((await failure(NotSent, claimline.flush())).cause).toBeInstanceOf(ServiceError);
  });

  test('an array in which the service could not record one is sent again whole', async () => {
    let calls = 0;
    const url = await answering(() => ({
      results: [{}, calls++ === 0 ? { status: 503, type: 'urn:claimline:problem:store-unavailable' } : {}],
      token: '',
    }));
    const claimline = produceTo({ url });
    await claimline.produce([said(1), said(2)]);
    await claimline.flush();
    expect(calls).toBe(2);
  });

  test('giveUpAfterMs', async () => {
    service.fate = () => 503;
    const claimline = produceTo({ giveUpAfterMs: 100 });
    await claimline.produce(said(1));
    expect((await failure(NotSent, claimline.flush())).cause).toMatchObject({ status: 503 });
    expect(service.seen.length).toBeGreaterThan(3);
  });

  test('a request that nobody answers is given up and sent again', async () => {
    const attempts: string[] = [];
    service.fate = () => (service.seen.length < 3 ? 'stall' : 'pass');
    const claimline = produceTo({
      requestTimeoutMs: 50,
      onRetry: ({ message }) => void attempts.push(message),
    });
    await claimline.produce(said(1));
    await claimline.flush();
    expect(attempts).toEqual([1, 2].map(() => `${service.url}: nothing came for 50 ms`));
  });

  test('what a hook throws ends the producer', async () => {
    const claimline = produceTo({
      url: await answering(() => ({
        results: [{ status: 409, type: 'urn:claimline:problem:statement-conflict' }],
        token: '',
      })),
      onRefused: () => {
        throw new Error('the disk is full');
      },
    });
    await claimline.produce(said(1));
    expect((await failure(NotSent, claimline.flush())).message).toBe('1 not acknowledged: the disk is full');
  });
});

function circle(): object {
  const one: { self?: object } = {};
  one.self = one;
  return one;
}
