import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunning, type Running } from '../api/running.js';
import { claimline, type Said } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { resetSettings, setForeign } from '../support/foreign-settings.js';

// What somebody's database administrator has set for all sessions of the database must change nothing.

const LON_LAT = [36.614285714285714, 50.12345678901235];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('on a database that gives its sessions foreign settings', () => {
  let database: TestDatabase;
  let running: Running;
  const before = process.env.DATABASE_URL;
  beforeAll(async () => {
    database = await freshDatabase();
    await setForeign(database.url);
    running = await startRunning({ DATABASE_URL: database.url });
    process.env.DATABASE_URL = database.url;
  }, 60_000);
  afterAll(async () => {
    if (before === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = before;
    await running?.stop();
    await database?.drop();
  });

  const answers = async (): Promise<unknown> => {
    const place = (await running.get('/v1/locations')).json.items[0].id as string;
    const read = [
      `/v1/locations/${place}`,
      `/v1/locations/${place}/timeline`,
      '/v1/events',
      '/v1/statements',
    ];
    return Promise.all(read.map(async (path) => (await running.get(path)).json as unknown));
  };
  const verdicts = async (): Promise<Said[]> => {
    const said = [];
    for (const args of [['verify'], ['verify', '--models'], ['rebuild'], ['verify', '--models']])
      said.push(await claimline(...args));
    return said;
  };
  const whole = (said: readonly Said[]) => {
    // Where it takes long, it says how far it is.
    const progress = expect.stringMatching(/^(?:\w+: .*\/s\n)*$/);
    for (const { code, out, err } of said)
      expect({ code, err, out }).toMatchObject({ code: 0, err: progress });
    expect(said[0]!.out).toContain('all events verified');
    expect(said[2]!.out).toContain('the same as before, row by row');
  };

  it('records, voids and reads as on any other, and the log and the read models are whole', async () => {
    const place = { name: 'Kupyansk' };
    const registered = await running.send('POST', '/v1/locations', {
      names: [place],
      coordinates: LON_LAT,
      by: 'curator',
      reason: 'a test',
    });
    expect(registered.status).toBe(201);
    const { json } = await running.record({ location: place, source: { quote: 'We hold it', outlet: 'a' } });
    expect(json.locationId).toBe(registered.json.locationId);
    await running.record({ location: place, stance: 'deny', speaker: { party: 'ukraine' } });
    expect(json.recordedAt).toMatch(TIME);
    const voided = await running.send('POST', `/v1/statements/${json.statementId}/void`, {
      by: 'curator',
      reason: 'a test',
    });
    expect(voided.json.recordedAt).toMatch(TIME);
    await running.get(`/v1/locations/${json.locationId}?after=${voided.json.token}`);
    const { items } = (await running.get('/v1/events')).json as { items: { recordedAt: string }[] };
    expect(items.map(({ recordedAt }) => recordedAt)).toEqual(items.map(() => expect.stringMatching(TIME)));
    const shown = (await running.get(`/v1/locations/${json.locationId}`)).json;
    expect(shown.coordinates).toEqual(LON_LAT);
    whole(await verdicts());
  }, 120_000);

  it('holds the same when the settings are gone', async () => {
    const told = await answers();
    await resetSettings(database.url);
    whole(await verdicts());
    await running.service.stop();
    running = await startRunning({ DATABASE_URL: database.url });
    expect(await answers()).toEqual(told);
  }, 120_000);
});
