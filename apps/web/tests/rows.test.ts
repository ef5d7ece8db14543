import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Running } from '../../../tests/api/running.js';
import { startWithSample } from '../../../tests/support/sample.js';
import type { MapPlaces, State } from '../src/api/answers.js';
import { rowOf, rowsOf } from '../src/home/rows.js';

let running: Running;
beforeAll(async () => {
  running = await startWithSample();
}, 120_000);
afterAll(() => running?.stop());

// Else a place would be told as changed though it is as it was.
it('the row of a state that comes live is the row of the map', async () => {
  // Times that are no whole seconds, and a place that stays when one of its statements is taken back
  const { json } = await running.record({ statedAt: '2025-11-22T10:00:00.123Z' });
  await running.record({ statedAt: '2025-11-23T10:00:00.999Z', stance: 'deny' });
  await running.get(`/v1/locations?after=${json.token}&wait=30000`);
  const map = (await running.get('/v1/map')).json as MapPlaces;
  const { items } = (await running.get('/v1/locations?limit=500')).json as { items: State[] };
  const byId = (rows: { id: string }[]) => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(items.length).toBeGreaterThan(5);
  expect(byId(items.map(rowOf))).toEqual(byId(rowsOf(map)));
});
