import { randomBytes } from 'node:crypto';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { raw } from './raw.js';
import { PLAIN, startRunning, type Running } from './running.js';

const NDJSON = 'application/x-ndjson';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

let serial = 0;
const statement = (change: object = {}) => ({
  ...PLAIN,
  location: { name: `Place ${(serial += 1)}` },
  ...change,
});
const post = (body: Buffer | string, encoding: string, type = 'application/json', path = '/v1/statements') =>
  raw(running, path, {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'content-encoding': encoding },
  });
const linesOf = (body: Buffer) =>
  body
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);
const packers = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  GZIP: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  identity: (body: string) => Buffer.from(body),
  '': (body: string) => Buffer.from(body),
};

const MB = 1024 * 1024;
/** A gigabyte, of zeros or of one text again and again: a thousand members, as tight as gzip can. */
const bomb = (text = '\0'): Buffer =>
  Buffer.concat(Array.from<Buffer>({ length: 1024 }).fill(gzipSync(Buffer.alloc(MB, text), { level: 9 })));

describe('a packed body', () => {
  it.each(Object.entries(packers))('is read: %j', async (encoding, pack) => {
    expect(await post(pack(JSON.stringify(statement())), encoding)).toMatchObject({
      status: 201,
      json: { duplicate: false },
    });
    const array = Array.from({ length: 100 }, () => statement());
    expect((await post(pack(JSON.stringify(array)), encoding)).json.results).toHaveLength(100);
    const { body } = await post(
      pack(Array.from({ length: 300 }, () => JSON.stringify(statement())).join('\n')),
      encoding,
      NDJSON,
    );
    expect(linesOf(body).at(-1)).toMatchObject({ recorded: 300, refused: 0 });
    expect(
      (
        await post(
          pack(JSON.stringify({ names: [{ name: encoding || 'none' }] })),
          encoding,
          'application/json',
          '/v1/locations',
        )
      ).status,
    ).toBe(201);
  });

  it('of several members, as gzip files joined end to end', async () => {
    const members = [1, 2, 3].map(() => gzipSync(`${JSON.stringify(statement())}\n`));
    expect(linesOf((await post(Buffer.concat(members), 'gzip', NDJSON)).body).at(-1)).toMatchObject({
      recorded: 3,
    });
  });

  it.each([
    'zip',
    'gzip, gzip',
    'gzip, br',
    'identity, gzip',
    'compress',
    'zstd',
    'gzip;q=1',
    'constructor',
    '__proto__',
    ',',
  ])('is refused where it is packed otherwise, and what is read is named: %j', async (encoding) => {
    for (const type of ['application/json', NDJSON]) {
      const { status, json, headers } = await post(JSON.stringify(statement()), encoding, type);
      expect([status, json]).toMatchObject([
        415,
        {
          type: 'urn:claimline:problem:content-encoding-unsupported',
          detail: expect.stringContaining('Content-Encoding'),
        },
      ]);
      expect(headers['accept-encoding']).toBe('gzip, deflate, br');
    }
  });

  it('that is not what its header says is 400, which names it', async () => {
    const whole = gzipSync(JSON.stringify(statement({ by: randomBytes(500).toString('hex') })));
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)]! ^= 0xff;
    const crc = Buffer.from(whole);
    crc[whole.length - 6]! ^= 0xff;
    const broken: [string, Buffer, string][] = [
      ['gzip', Buffer.from(JSON.stringify(statement())), 'no gzip at all'],
      ['gzip', whole.subarray(0, whole.length - 1), 'cut off at the end'],
      ['gzip', whole.subarray(0, 50), 'cut off early'],
      ['gzip', Buffer.alloc(0), 'nothing'],
      ['gzip', flipped, 'a byte is wrong'],
      ['gzip', crc, 'the checksum is wrong'],
      ['gzip', Buffer.concat([whole, Buffer.from('more')]), 'goes on after its end'],
      ['gzip', deflateSync('{}'), 'another encoding'],
      ['deflate', deflateRawSync('{}'), 'deflate without its header'],
      ['br', Buffer.from(JSON.stringify(statement())), 'no brotli at all'],
    ];
    for (const [encoding, body, why] of broken)
      expect([why, await post(body, encoding)]).toMatchObject([
        why,
        {
          status: 400,
          json: { type: 'urn:claimline:problem:body-malformed', detail: expect.stringContaining(encoding) },
        },
      ]);
  });

  it('that is broken before anybody reads it, or is read by nobody, ends the request and nothing else', async () => {
    const text = JSON.stringify(statement());
    const broken: [string, Buffer][] = [
      ['gzip', Buffer.from(text)],
      ['gzip', Buffer.alloc(0)],
      ['gzip', Buffer.concat([gzipSync(text), Buffer.from('more')])],
      ['deflate', Buffer.from(text)],
      ['br', Buffer.from(text)],
    ];
    for (const [encoding, body] of broken) {
      const answer = await post(body, encoding, NDJSON);
      const problem = answer.status === 200 ? linesOf(answer.body).at(-1)!.problem : answer.json;
      expect(problem).toMatchObject({ status: 400, type: 'urn:claimline:problem:body-malformed' });
      for (const method of ['GET', 'DELETE']) {
        const headers = {
          'content-encoding': encoding,
          'content-type': NDJSON,
          'content-length': `${body.length}`,
        };
        await raw(running, method === 'GET' ? '/v1/locations' : '/v1/statements/x/void', {
          method,
          body,
          headers,
        });
      }
      expect((await raw(running, '/healthz')).status).toBe(200);
    }
  });

  it('of lines that breaks off: what was recorded stays, and the last line names it', async () => {
    const lines = Array.from(
      { length: 3000 },
      () => `${JSON.stringify(statement({ by: randomBytes(100).toString('hex') }))}\n`,
    );
    const packed = gzipSync(lines.join(''));
    const { status, body } = await post(packed.subarray(0, packed.length - 2000), 'gzip', NDJSON);
    expect(status).toBe(200);
    expect(linesOf(body).at(-1)).toMatchObject({
      problem: {
        status: 400,
        type: 'urn:claimline:problem:body-malformed',
        detail: expect.stringContaining('gzip'),
      },
    });
    const again = linesOf((await post(packed, 'gzip', NDJSON)).body).at(-1)! as unknown as {
      recorded: number;
      duplicates: number;
    };
    expect(again.recorded + again.duplicates).toBe(3000);
    expect(again.duplicates).toBeGreaterThan(1000);
  });
});

describe('what a body unpacks to', () => {
  it('is limited for JSON as if it came so', async () => {
    const over = JSON.stringify({ ...PLAIN, by: 'x'.repeat(9 * 1024 * 1024) });
    for (const encoding of ['gzip', 'deflate', 'br'] as const)
      expect(await post(packers[encoding](over), encoding)).toMatchObject({
        status: 413,
        json: { type: 'urn:claimline:problem:body-too-large' },
      });
    // Blanks count for the item.
    for (const [kilobytes, status] of [
      [1000, 201],
      [1100, 413],
    ] as const)
      expect(
        (await post(gzipSync(`${' '.repeat(kilobytes * 1024)}${JSON.stringify(statement())}`), 'gzip'))
          .status,
      ).toBe(status);
    expect((await post(bomb(), 'gzip')).status).toBe(413);
  });

  it('of lines is limited by what came in; a line by what a line may be', async () => {
    const long = linesOf(
      (
        await post(
          gzipSync(
            `${JSON.stringify(statement())}\n${'x'.repeat(3 * 1024 * 1024)}\n${JSON.stringify(statement())}\n`,
          ),
          'gzip',
          NDJSON,
        )
      ).body,
    );
    expect(long).toMatchObject([
      { line: 2, problem: { type: 'urn:claimline:problem:line-malformed' } },
      { recorded: 2, refused: 1 },
    ]);
    for (const packed of [
      bomb(),
      gzipSync(Buffer.alloc(64 * MB)),
      bomb('\n'),
      bomb(`${' '.repeat(1023)}\n`),
      bomb(`{${' '.repeat(4093)}}\n`),
      brotliCompressSync(Buffer.alloc(64 * MB), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ]) {
      const before = process.memoryUsage().rss;
      const lines = linesOf((await post(packed, packed[0] === 0x1f ? 'gzip' : 'br', NDJSON)).body);
      expect(lines.at(-1)).toMatchObject({
        problem: {
          status: 413,
          type: 'urn:claimline:problem:body-too-large',
          detail: expect.stringContaining('unpack'),
        },
      });
      expect(process.memoryUsage().rss - before).toBeLessThan(400 * MB);
    }
  }, 60_000);

  it('may be many times as much: the same line thousands of times', async () => {
    const line = `${JSON.stringify(statement())}\n`;
    const packed = gzipSync(line.repeat(5_000));
    expect(packed.length * 100).toBeLessThan(line.length * 5_000);
    expect(linesOf((await post(packed, 'gzip', NDJSON)).body).at(-1)).toMatchObject({
      recorded: 1,
      duplicates: 4_999,
    });
  });

  it('is left unread where the answer is over: the service continues', async () => {
    const packed = bomb();
    for (let n = 0; n < 5; n++)
      expect(
        (
          await raw(running, '/v1/locations', {
            method: 'PUT',
            body: packed,
            headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
          })
        ).status,
      ).toBe(405);
    expect((await raw(running, '/healthz')).status).toBe(200);
  });
});
