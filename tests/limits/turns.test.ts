import { Agent, request as open, type ClientRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { PLAIN, startRunning, type Running } from '../api/running.js';

// Not by the clock: what a request gets done in one go lets nobody else have an answer in between.

jest.setTimeout(120_000);

let running: Running;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  running = await startRunning();
});
afterAll(async () => {
  agent.destroy();
  await running.stop();
});

// An array of 8 MB is scanned in 28 steps, which let 15 others in, and read in as many more.
const FEWEST = 20;
/** What the kernel may still hold of the body is read meanwhile. */
const BEFORE = 50;

async function health(): Promise<void> {
  const request = open(`${running.url}/healthz`, { agent });
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  await text(answer);
}

/** How many others are answered, one after the other, between the last byte of a body and the answer to it. */
async function answeredMeanwhile(path: string, type: string, body: string) {
  const request: ClientRequest = open(`${running.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) },
  });
  let answered = false;
  const answer = once(request, 'response').then(async ([response]) => {
    const said = await text(response as IncomingMessage);
    answered = true;
    return { status: (response as IncomingMessage).statusCode, said };
  });
  await new Promise((resolve) => request.write(body.slice(0, -1), resolve));
  for (let n = 0; n < BEFORE; n++) await health();
  request.end(body.slice(-1));
  let others = 0;
  while (!answered) {
    await health();
    if (!answered) others++;
  }
  return { others, ...(await answer) };
}

const times = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at));
const unknownFields = (item: number) =>
  Object.fromEntries(times(98, (at) => [`field-${item}-${at}-${'x'.repeat(50)}`, at]));

// None of these waits for the database, which would let others in as well.
it('others are answered while the largest array is read, checked and refused', async () => {
  const body = JSON.stringify(times(1000, unknownFields));
  const { others, status, said } = await answeredMeanwhile('/v1/statements/batch', 'application/json', body);
  expect(status).toBe(200);
  const { results } = JSON.parse(said) as { results: { status: number }[] };
  expect(results.map((one) => one.status)).toEqual(Array(1000).fill(422));
  expect(others).toBeGreaterThan(FEWEST);
});

it('others are answered while an array of 8 MB is read that ends in a fault', async () => {
  const quote = 'їжак '.repeat(800);
  const body = `${JSON.stringify(times(1000, () => ({ ...PLAIN, source: { outlet: 'x', quote } })))}]`;
  const { others, status, said } = await answeredMeanwhile('/v1/statements', 'application/json', body);
  expect([status, JSON.parse(said)]).toMatchObject([
    400,
    { type: 'urn:claimline:problem:body-malformed', detail: expect.stringContaining('is not JSON') },
  ]);
  expect(others).toBeGreaterThan(FEWEST);
});
