import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const MIB = 1024 * 1024;

/** Topics of dead letters that were made by others. */
const MADE_BY_OTHERS: Record<string, { name: string; value: string }[]> = {
  'takes smaller messages': [{ name: 'max.message.bytes', value: '2000' }],
  'is compacted, and takes none without a key': [{ name: 'cleanup.policy', value: 'compact' }],
};

describe.each(Object.entries(MADE_BY_OTHERS))('where the topic of dead letters %s', (_, configEntries) => {
  describeKafka('the recorder', () => {
    let at: TopicsAtHand;
    let running: Running;
    beforeAll(async () => {
      at = await topicsAtHand();
      const admin = at.kafka.admin();
      await admin.connect();
      await admin.createTopics({
        topics: [{ topic: at.topics.deadLetters, numPartitions: 2, configEntries }],
        waitForLeaders: true,
      });
      await admin.disconnect();
      const env = { ...at.env, SHARDS: '2' };
      running = await startRunning(env);
      Object.assign(process.env, { DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'warn', ...env });
    }, 120_000);
    afterAll(async () => {
      await running?.stop();
      await at?.close();
    });

    const statement = () => ({ ...PLAIN, statementId: randomUUID(), location: { name: 'Narrow' } });
    const recorded = async ({ statementId }: { statementId: string }) => {
      while ((await running.get(`/v1/statements/${statementId}`)).status !== 200)
        await new Promise((resolve) => setTimeout(resolve, 25));
    };

    it('keeps in the database what does not fit, and continues; it is listed, shown and retried whole', async () => {
      // Ten that fit one by one, and not together; one that is large; one that can be recorded after a fix.
      const few = Array.from({ length: 10 }, (_, n) => ({
        key: 'k',
        value: `no JSON ${n} ${'x'.repeat(300)}`,
        partition: 1,
      }));
      const large = 'no JSON '.padEnd(MIB - 1000, 'x');
      const later = { ...statement(), location: { id: 'registered-later' } };
      const [good, next] = [statement(), statement()];
      await at.send(
        ...few,
        { key: 'k', value: large, partition: 1, headers: { note: Buffer.from([0xff]) } },
        { value: JSON.stringify(later).padEnd(3000), partition: 1 },
        { value: JSON.stringify(good), partition: 1 },
      );
      await recorded(good);
      // It is taken when the batch before it is done with.
      await at.send({ value: JSON.stringify(next), partition: 1 });
      await recorded(next);
      const { code, out, err } = await claimline('dead-letters', 'list', '--json');
      expect([code, err]).toEqual([0, '']);
      const listed = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; code: string });
      expect(listed.map(({ id, code }) => [id, code])).toEqual([
        ...Array.from({ length: 11 }, (_, n) => [`1:${n}`, 'message-malformed']),
        ['1:11', 'location-unknown'],
      ]);
      expect((await claimline('dead-letters', 'show', '1:10', '--value')).out).toBe(large);
      expect(JSON.parse((await claimline('dead-letters', 'show', '1:10')).out)).toMatchObject({
        headers: { note: { base64: '/w==' }, 'error-code': 'message-malformed', 'origin-offset': '10' },
      });
      await running.send('POST', '/v1/locations', { id: 'registered-later', names: [{ name: 'Later' }] });
      expect(await claimline('dead-letters', 'retry', '1:11')).toMatchObject({
        code: 0,
        out: expect.stringContaining('1:11 recorded: place registered-later'),
      });
      expect(await claimline('dead-letters', 'discard', '--filter', 'malformed')).toMatchObject({
        code: 0,
        out: expect.stringContaining('11 discarded'),
      });
      expect((await running.get('/metrics')).text).toContain(
        'claimline_dead_letters_total{code="message-malformed"} 11',
      );
      expect((await running.get('/readyz')).status).toBe(200);
    }, 60_000);
  });
});
