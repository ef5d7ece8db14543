import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { EpochChanged, readEvents, type EventReader } from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { freshDatabase } from '../support/database.js';
import { copyOf } from '../support/go-back.js';
import { failure } from './said.js';
import { Unsteady } from './unsteady.js';

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

const some = async (reader: EventReader, count: number) => {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await reader.next()).value!.eventId);
  return ids;
};

test('files of the database are put back while the service is down and nobody notices: a reader that waits for it meets another event', async () => {
  const database = await freshDatabase();
  closing.push(database.drop);
  let running: Running | undefined;
  let recorded = 0;
  const start = async (port: string) => {
    running = await startRunning({ DATABASE_URL: database.url, SHARDS: '1', PORT: port });
  };
  const record = async (count: number) => {
    for (let at = 0; at < count; at++)
      await running!.record({ speaker: { name: `Speaker ${(recorded += 1)}`, party: 'russia' } });
  };
  await start('0');
  closing.push(() => running?.stop());
  const { url } = running!;
  const network = await Unsteady.open(url);
  closing.push(() => network.close());
  await record(30);
  const copy = await copyOf(database.url);
  for (let up = false; !up; await sleep(50)) up = (await running!.get('/v1/events?limit=1')).status === 200;
  await record(10);

  const ending = new AbortController();
  closing.push(() => ending.abort());
  const options = { url: network.url, pollMs: 20, longestRestMs: 100, signal: ending.signal };
  const reader = readEvents(options);
  const read = await some(reader, 40);
  const next = failure(EpochChanged, reader.next());
  next.catch(() => {});
  network.fate = () => 503;
  const requests = network.seen.length;
  while (network.seen.length < requests + 2) await sleep(20);
  await running!.stop();
  await copy.putBack({ sameLine: true });
  await start(new URL(url).port);
  // No epoch begins: the log is longer than it was before anybody asks.
  await record(15);
  network.fate = () => 'pass';

  const { token } = await next;
  const anew = readEvents({ ...options, after: token, follow: false });
  const ids: string[] = [];
  for await (const { eventId } of anew) ids.push(eventId);
  const all: string[] = [];
  for await (const { eventId } of readEvents({ ...options, follow: false })) all.push(eventId);
  expect(all).toHaveLength(45);
  expect(all.slice(0, 30)).toEqual(read.slice(0, 30));
  expect(ids.slice(-15)).toEqual(all.slice(-15));
}, 180_000);
