import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '#libs/platform';
import { claimline } from '../support/command-line.js';
import { type Answer, PLAIN, type Running, startRunning } from './running.js';

const DEADLINE_MS = 60_000;

let running: Running;
const before = process.env.DATABASE_URL;
beforeAll(async () => {
  running = await startRunning();
  process.env.DATABASE_URL = running.databaseUrl;
  await running.record();
});
afterAll(async () => {
  if (before === undefined) delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = before;
  await running.stop();
});

async function readyz(isSo: (answer: Answer) => boolean): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; ;) {
    const answer = await running.get('/readyz');
    if (isSo(answer)) return;
    if (Date.now() > end) throw new Error(`/readyz is still ${answer.status}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('/readyz after a rebuild', () => {
  it('is 200 again though no shard gets a new event: a table was dropped, and the rebuild has made it anew', async () => {
    const pool = createPool(running.databaseUrl, { max: 1 });
    await pool.query('drop table read_models.state_history');
    await pool.end();
    const { json } = await running.send('POST', '/v1/statements', {
      ...PLAIN,
      location: { name: 'Of a dropped table' },
    });
    await readyz(({ status, text }) => status === 503 && text.includes(`shard ${json.shard} stands still`));
    // Where it takes long, it says how far it is.
    expect(await claimline('rebuild')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^(?:rebuild: .*\n)*$/),
    });
    await readyz(({ status }) => status === 200);
    expect((await running.get(`/v1/statements/${json.statementId}`)).status).toBe(200);
  }, 150_000);
});
