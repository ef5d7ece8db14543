import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type IssuedKey, KeyRing, Keys } from '#libs/access';
import { createProducer, NotSent, readEvents, ServiceError } from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { valueOf } from '../support/opened-store.js';
import { failure, said } from './said.js';

let running: Running;
let key: IssuedKey;
beforeAll(async () => {
  running = await startRunning();
  const { app } = running.service;
  key = valueOf(await app.get(Keys).create({ name: 'Worker 7', roles: ['ingest'] }));
  await app.get(KeyRing).refresh();
});
afterEach(() => {
  delete process.env.CLAIMLINE_KEY;
});
afterAll(() => running.stop());

async function sendAndRead(more: { key?: string; headers?: Record<string, string> }): Promise<string[]> {
  const target = { url: running.url, ...more };
  const producer = createProducer(target);
  const ids = await producer.produce([said(1), said(2)]);
  await producer.close();
  const found: string[] = [];
  for await (const event of readEvents({ ...target, follow: false })) found.push(event.statementId!);
  expect(found).toEqual(expect.arrayContaining(ids));
  return found;
}

describe('a client with a key', () => {
  test('sends it with what it writes and reads', async () => {
    expect(await sendAndRead({ key: key.key })).toHaveLength(2);
    // As it is read from a file.
    expect(await sendAndRead({ key: `${key.key}\n` })).toHaveLength(2);
  });

  test('takes it from CLAIMLINE_KEY, where the options name none', async () => {
    process.env.CLAIMLINE_KEY = key.key;
    expect(await sendAndRead({})).toHaveLength(2);
    process.env.CLAIMLINE_KEY = 'cl_another';
    expect(await sendAndRead({ key: key.key })).toHaveLength(2);
  });

  test('does not send it beside another authorization', async () => {
    process.env.CLAIMLINE_KEY = 'cl_another';
    expect(await sendAndRead({ headers: { Authorization: `Bearer ${key.key}` } })).toHaveLength(2);
  });

  test('says what is wrong with it, and never what it is', async () => {
    const wrong = `cl_${key.id}_${'A'.repeat(43)}`;
    for (const [given, code] of [
      [undefined, 'key-missing'],
      [wrong, 'key-unknown'],
    ] as const) {
      const producer = createProducer({ url: running.url, ...(given !== undefined && { key: given }) });
      await producer.produce(said(3));
      const lost = await failure(NotSent, producer.close());
      expect(lost.cause).toMatchObject({ status: 401, code });
      expect(`${lost.stack} ${(lost.cause as Error).stack}`).not.toContain('A'.repeat(43));
      const reader = readEvents({
        url: running.url,
        follow: false,
        ...(given !== undefined && { key: given }),
      });
      expect(await failure(ServiceError, reader.next())).toMatchObject({ status: 401, code });
    }
    const create = async () => createProducer({ url: running.url, key: 'two words' });
    expect((await failure(TypeError, create())).message).not.toContain('two words');
  });
});
