import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

/** Sends NDJSON, and holds the end of the body back. @returns whether the answer has begun before it, and its text */
async function ask(headers: Record<string, string>) {
  const url = new URL(`${running.url}/v1/statements?results=all`);
  const sending = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  let answer: IncomingMessage | undefined;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.on('response', (response) => resolve((answer = response)));
    sending.on('error', reject);
  });
  sending.write(`${JSON.stringify(PLAIN)}\n`.repeat(3000));
  // Long enough for all of it to be recorded; what is not proxied has been answered before.
  const [{ recorded }] = await Promise.all([
    untilRecorded(),
    ...('via' in headers ? [sleep(500)] : [answered]),
  ]);
  const early = answer !== undefined;
  sending.end(`${JSON.stringify({})}\n`);
  let text = '';
  for await (const chunk of await answered) text += String(chunk);
  return { early, recorded, rows: text.trim().split('\n') };
}

async function untilRecorded(): Promise<{ recorded: number }> {
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    const { json } = await running.get('/v1/events?limit=1');
    if (json.items.length > 0) return { recorded: json.items.length as number };
    if (Date.now() > deadline) throw new Error('nothing was recorded');
  }
}

describe('the answer to NDJSON', () => {
  it('begins while the body comes in', async () => {
    const { early, rows } = await ask({});
    expect([early, rows.length]).toEqual([true, 3002]);
  }, 60_000);

  it('begins after the body where a proxy has passed it on, and says the same', async () => {
    const { early, rows } = await ask({ via: '1.1 proxy' });
    expect([early, rows.length]).toEqual([false, 3002]);
    expect(JSON.parse(rows.at(-1)!)).toMatchObject({ recorded: 0, duplicates: 3000, refused: 1 });
    expect(JSON.parse(rows.at(-2)!)).toMatchObject({ line: 3001, problem: { status: 422 } });
  }, 60_000);
});
