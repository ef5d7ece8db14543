import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Answer, type Running } from '../api/running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
  await running.send('POST', '/v1/locations', { id: 'gn-1', names: [{ name: 'One' }] });
});
afterAll(() => running.stop());

const ID = '11111111-1111-4111-8111-111111111111';
const NDJSON = { 'content-type': 'application/x-ndjson' };
const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

const problem = (answer: Answer, status: number, code: string, detail: RegExp) =>
  expect(answer).toMatchObject({
    status,
    json: { type: `urn:claimline:problem:${code}`, detail: expect.stringMatching(detail) },
  });

describe('one request has a limit of work', () => {
  const MANY = JSON.stringify(fields(500_000));

  it.each([
    ['POST', '/v1/statements'],
    ['POST', '/v1/statements/batch'],
    ['POST', `/v1/statements/${ID}/retract`],
    ['POST', `/v1/statements/${ID}/void`],
    ['POST', `/v1/statements/${ID}/correct`],
    ['DELETE', `/v1/statements/${ID}/void`],
    ['POST', '/v1/locations'],
    ['PUT', '/v1/locations/gn-1/coordinates'],
    ['POST', '/v1/replays'],
  ])('%s %s refuses an object of 500,000 fields before it makes one of it', async (method, path) => {
    problem(
      await running.send(method, path, MANY),
      413,
      'body-too-large',
      /more than 5000 values in one item/,
    );
    problem(
      await running.send(method, path, `[{},${MANY}]`),
      413,
      'body-too-large',
      /more than 5000 values in one item/,
    );
  });

  it('many unknown fields are refused, and the first 50 named', async () => {
    const answer = await running.send('POST', '/v1/statements', { ...PLAIN, ...fields(4000) });
    problem(answer, 422, 'statement-invalid', /./);
    expect(answer.json.errors).toHaveLength(50);
    const array = await running.send(
      'POST',
      '/v1/statements',
      Array.from({ length: 20 }, () => ({ ...PLAIN, ...fields(4000) })),
    );
    expect(array.status).toBe(200);
    expect(array.json.results).toHaveLength(20);
    for (const { status, errors } of array.json.results) expect([status, errors.length]).toEqual([422, 50]);
  });

  it('a line of NDJSON has the same limits; the other lines are recorded', async () => {
    const lines = [
      PLAIN,
      fields(20_000),
      { ...PLAIN, by: 'x'.repeat(200_000) },
      { ...PLAIN, via: Array(6000).fill('x') },
      { ...PLAIN, statedAt: '2025-11-21' },
    ].map((line) => JSON.stringify(line));
    const answer = await running.send('POST', '/v1/statements', lines.join('\n'), NDJSON);
    const answers = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { line?: number; problem?: { detail: string } });
    expect(answers.slice(0, -1)).toMatchObject([
      { line: 2, problem: { status: 400, detail: 'the line has more than 5000 values in one item' } },
      { line: 3, problem: { status: 400, detail: 'the line has a text of more than 131072 bytes' } },
      { line: 4, problem: { status: 400, detail: 'the line has more than 5000 values in one item' } },
    ]);
    expect(answers.at(-1)).toMatchObject({ recorded: 2, refused: 3 });
  });

  it('combining marks in a row, which have to be put in order, are limited', async () => {
    const marked = (marks: number) => `a${'\u0301\u0323'.repeat(marks / 2)}`;
    const answer = await running.send('POST', '/v1/statements', {
      ...PLAIN,
      by: marked(150),
      source: { quote: `${marked(100)} ${marked(9000)}`, outlet: 'x' },
    });
    expect(answer.json.errors).toEqual([
      { pointer: '/source/quote', detail: 'must not have more than 100 combining marks in a row' },
      { pointer: '/by', detail: 'must not have more than 100 combining marks in a row' },
    ]);
    problem(
      await running.get(`/v1/locations?q=${encodeURIComponent(marked(180))}`),
      422,
      'query-invalid',
      /combining marks/,
    );
  });

  it.each([
    ['/v1/locations?status=', 'claimed', 'status'],
    ['/v1/changes?status=', 'claimed', 'status'],
    ['/v1/events?types=', 'place.registered', 'types'],
    ['/v1/events?locations=', 'gn-1', 'locations'],
  ])('a filter of thousands of values is refused once, not for each: %s', async (path, value, name) => {
    const many = Array.from({ length: 2000 }, (_, at) => `${value}${at}`);
    for (const query of [many.join(','), many.join(`&${name}=`)]) {
      const answer = await running.get(`${path}${query}`);
      problem(answer, 422, 'query-invalid', /must have at most 50 values/);
      expect(answer.json.errors).toEqual([{ pointer: `/${name}`, detail: 'must have at most 50 values' }]);
    }
  });

  it('thousands of unknown parameters are refused, and the first 50 named', async () => {
    const answer = await running.get(
      `/v1/locations?${Array.from({ length: 5000 }, (_, at) => `p${at}`).join('&')}`,
    );
    problem(answer, 422, 'query-invalid', /unknown parameter/);
    expect(answer.json.errors).toHaveLength(50);
  });

  it.each(['x', 'e30', 'eyJhZnRlciI6W10sImxpc3QiOiIifQ', `${'W1tb'.repeat(2990)}`])(
    'a cursor that no page gave is refused: %.20s',
    async (cursor) => {
      for (const path of [
        '/v1/locations',
        '/v1/statements',
        '/v1/changes',
        '/v1/locations/gn-1/timeline',
        '/v1/events',
      ])
        problem(await running.get(`${path}?cursor=${cursor}`), 422, 'query-invalid', /^cursor /);
    },
  );

  it('a language of any length is refused by its length', async () => {
    const answer = await running.send('POST', '/v1/statements', {
      ...PLAIN,
      source: { outlet: 'x', language: `aa${'-a'.repeat(60_000)}` },
    });
    problem(answer, 422, 'statement-invalid', /language/);
    expect(answer.json.errors).toHaveLength(1);
  });
});
