import { expect, it } from '@jest/globals';
import { raw } from './raw.js';
import { startRunning } from './running.js';
import { toldWar, untilProjected } from './told-war.js';

it('the first view of 3,000 places is one answer of at most 56 kB, and the slider of their month one of 40', async () => {
  const database = await toldWar({ seed: 1, places: 3000, statements: 30_000, days: 30 });
  const running = await startRunning({ DATABASE_URL: database.url });
  try {
    await untilProjected(running);
    const bytesOf = async (path: string) => {
      const { status, body } = await raw(running, path, { headers: { 'accept-encoding': 'gzip, br' } });
      expect([path, status]).toEqual([path, 200]);
      return body.length;
    };
    expect((await running.get('/v1/map')).json.count).toBeGreaterThan(2700);
    expect(await bytesOf('/v1/map')).toBeLessThanOrEqual(56_000);
    expect(await bytesOf('/v1/map?asOf=2025-11-15')).toBeLessThanOrEqual(56_000);
    expect(await bytesOf('/v1/map/changes')).toBeLessThanOrEqual(40_000);
    expect(await bytesOf('/v1/map/days')).toBeLessThanOrEqual(2000);
  } finally {
    await running.stop();
    await database.drop();
  }
}, 300_000);
