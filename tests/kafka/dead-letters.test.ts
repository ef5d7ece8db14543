import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DEAD_LETTER } from '#libs/messaging';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

interface Listed {
  id: string;
  code: string;
  detail: string;
  outcome: string | null;
  eventId: string | null;
  decidedBy: string | null;
}

// One story: what an operator does with messages that could not be recorded.
describeKafka('claimline dead-letters', () => {
  let at: TopicsAtHand;
  let running: Running;
  let folder: string;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning(at.env);
    Object.assign(process.env, { DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'warn', ...at.env });
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'letters-'));
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  const letters = (...args: string[]) => claimline('dead-letters', ...args);
  const listed = async (...args: string[]) =>
    (await letters('list', '--json', ...args)).out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Listed);
  const unknown = {
    ...PLAIN,
    statementId: randomUUID(),
    location: { id: 'later-registered' },
    statedAt: '2025-11-20',
  };
  const broken =
    '{"stance": "assert", "claim": {"predicate": "captured", "actor": "russia"}, "location": {"name": "Mended"}, ' +
    '"speaker": {"party": "russia"}, "statedAt": "2025-11-20"';
  const early = { statementId: randomUUID(), reason: 'ingest mistake', by: 'desk' };

  it('lists each once, whatever the topic repeats', async () => {
    expect(await letters('list')).toMatchObject({ code: 0, out: 'no dead letters\n' });
    await at.send(
      { value: JSON.stringify(unknown), partition: 1 },
      { value: broken, partition: 2 },
      { value: JSON.stringify(early), headers: { command: 'void' }, partition: 3 },
    );
    const dead = await at.until(at.topics.deadLetters, ({ length }) => length >= 3);
    const producer = at.kafka.producer();
    await producer.connect();
    // As a recorder does that dies before it commits its offsets.
    await producer.send({
      topic: at.topics.deadLetters,
      messages: dead.map(({ key, value, headers }) => ({ key, value, headers })),
    });
    await producer.disconnect();
    expect((await listed()).map(({ id, code, outcome }) => [id, code, outcome])).toEqual([
      ['1:0', 'location-unknown', null],
      ['2:0', 'message-malformed', null],
      ['3:0', 'statement-not-found', null],
    ]);
    expect(await letters('list')).toMatchObject({
      out: expect.stringMatching(/^1:0 .*location-unknown.*open.*\n2:0 .*not JSON.*\n3:0 /),
    });
    expect((await listed('--filter', 'LOCATION')).map(({ id }) => id)).toEqual(['1:0']);
    expect((await letters('list', '--limit', '2')).err).toContain('more than 2');
  }, 60_000);

  it('shows one whole', async () => {
    const { out } = await letters('show', '2:0');
    expect(JSON.parse(out)).toMatchObject({
      id: '2:0',
      value: broken,
      headers: { [DEAD_LETTER.code]: 'message-malformed', [DEAD_LETTER.offset]: '0' },
    });
    expect((await letters('show', '2:0', '--value')).out).toBe(broken);
    expect(await letters('show', '2:77')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no dead letter 2:77'),
    });
    expect(await letters('show', 'two')).toMatchObject({
      code: 2,
      err: expect.stringContaining('partition:offset'),
    });
  }, 60_000);

  it('records once what is valid now, and leaves the rest open', async () => {
    expect((await letters('retry')).out).toMatch(/0 recorded, 3 refused again/);
    await running.send('POST', '/v1/locations', { id: 'later-registered', names: [{ name: 'Later' }] });
    const first = await letters('retry', '--by', 'an operator');
    expect(first).toMatchObject({
      code: 1,
      out: expect.stringMatching(/1:0 recorded: place later-registered, .*\n.*2 refused again/s),
    });
    expect((await letters('retry', '1:0')).out).toMatch(/was recorded already/);
    const { json } = await running.get(`/v1/statements/${unknown.statementId}`);
    expect((await listed('--all'))[0]).toMatchObject({
      id: '1:0',
      outcome: 'retried',
      eventId: json.eventId,
      decidedBy: expect.stringMatching(/ \(command line\)$/),
    });
    expect((await listed()).map(({ id }) => id)).toEqual(['2:0', '3:0']);
    const { items } = (await running.get('/v1/locations/later-registered/timeline')).json as {
      items: unknown[];
    };
    expect(items).toHaveLength(1);
  }, 60_000);

  it('records a mended one', async () => {
    const file = join(folder, 'mended.json');
    writeFileSync(file, `${broken}}`);
    expect(await letters('retry', '2:0', '3:0', '--with', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('name it'),
    });
    expect(await letters('retry', '2:0', '--with', `${file}.not`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--with'),
    });
    expect(await letters('retry', '2:0', '--with', file)).toMatchObject({
      code: 0,
      out: expect.stringContaining('2:0 recorded: place'),
    });
    expect((await listed()).map(({ id }) => id)).toEqual(['3:0']);
  }, 60_000);

  it('retries a command as itself: what was taken back since is not done again', async () => {
    await running.record({ statementId: early.statementId, location: { name: 'Early' } });
    expect((await letters('retry', '3:0')).out).toMatch(/3:0 recorded/);
    await running.send('DELETE', `/v1/statements/${early.statementId}/void`);
    expect((await letters('retry', '3:0')).out).toMatch(/3:0 was recorded already/);
    await running.record({ location: { name: 'Early' } });
    expect((await running.get(`/v1/statements/${early.statementId}`)).json.voided).toBeNull();
  }, 60_000);

  it('discards what is named, and nothing by accident', async () => {
    await at.send({ value: 'not JSON at all', partition: 4 }, { value: '[]', partition: 5 });
    await at.until(at.topics.deadLetters, (all) =>
      all.some(({ headers }) => headers[DEAD_LETTER.partition] === '5'),
    );
    expect(await letters('discard')).toMatchObject({ code: 2, err: expect.stringContaining('--filter') });
    expect(await letters('discard', '4:0', '--by', 'an operator')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 discarded'),
    });
    expect((await listed()).map(({ id }) => id)).toEqual(['5:0']);
    const { items } = (await running.get('/v1/audit?types=operation.performed')).json;
    expect(items[0]).toMatchObject({
      data: { operation: 'dead-letter.discarded', subject: `${at.topics.statements}:4:0` },
      by: expect.stringMatching(/ \(command line\)$/),
      onBehalfOf: 'an operator',
    });
    expect(items.map(({ data }: { data: { operation: string } }) => data.operation)).toContain(
      'dead-letter.retried',
    );
    expect((await listed('--all')).find(({ id }) => id === '4:0')).toMatchObject({
      outcome: 'discarded',
      decidedBy: 'an operator',
    });
  }, 60_000);
});
