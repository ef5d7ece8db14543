import { expect, test } from '@jest/globals';
import { clockWarnings, EventStore, readClocks } from '#libs/log';
import { claim, logDatabase } from '../../../tests/support/opened-store.js';

const NOON = '2026-11-28T12:00:00.000Z';

test.each([
  ['an empty store', { newest: null }, []],
  ['a store in use', { newest: '2026-11-28T11:59:00.000Z' }, []],
  [
    'a clock that went back',
    { newest: '2026-11-28T15:30:00.000Z' },
    [/behind the newest event by 3 hours: until it has passed 2026-11-28T15:30:00.000Z/],
  ],
  ['a clock far ahead', { newest: '2026-08-01T12:00:00.000Z' }, [/ahead of the newest event by 119 days/]],
  ['two clocks', { newest: NOON, process: '2026-11-28T12:02:00.000Z' }, [/differ by 2 minutes/]],
])('%s', (_name, clocks, expected) => {
  expect(clockWarnings({ database: NOON, process: NOON, ...clocks })).toEqual(
    expected.map((warning) => expect.stringMatching(warning)),
  );
});

test('the clocks of a store are read', async () => {
  const { pool, close } = await logDatabase();
  const store = await EventStore.open(pool, { shards: 2, clock: () => '2099-01-01T00:00:00.000Z' });
  expect(await readClocks(pool)).toMatchObject({ newest: null });
  await store.append([claim('a place')]);
  const clocks = await readClocks(pool);
  expect(clocks.newest).toBe('2099-01-01T00:00:00.000Z');
  expect(Math.abs(Date.parse(clocks.database) - Date.parse(clocks.process))).toBeLessThan(60_000);
  expect(clockWarnings(clocks)).toHaveLength(1);
  await close();
});
