import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConfigResourceTypes, type Admin } from 'kafkajs';
import { AppModule } from '#apps/cli/src/app.module.js';
import { createLogger, readSettings } from '#libs/platform';
import { allParts } from '#libs/service';
import { startService } from '#modules/service';
import { ensureTopics } from '#libs/messaging';
import { freshDatabase } from '../support/database.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const DAY_MS = 86_400_000;

describeKafka('the clock that topics keep and delete messages by', () => {
  const opened: TopicsAtHand[] = [];
  const atHand = async () => {
    const at = await topicsAtHand();
    opened.push(at);
    return at;
  };
  let admin: Admin;
  beforeAll(async () => {
    admin = (await atHand()).kafka.admin();
    await admin.connect();
  }, 120_000);
  afterAll(async () => {
    await admin?.disconnect();
    for (const at of opened) await at.close();
  });

  it('is that of the broker, whatever producers say', async () => {
    const at = await atHand();
    await ensureTopics(at.kafka, at.topics, 1);
    for (const topic of [at.topics.statements, at.topics.deadLetters]) {
      const { resources } = await admin.describeConfigs({
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['message.timestamp.type'] },
        ],
        includeSynonyms: false,
      });
      expect(resources[0]!.configEntries.map(({ configValue }) => configValue)).toEqual(['LogAppendTime']);
    }
    const before = Date.now() - DAY_MS;
    await at.send(
      { value: 'of last year', timestamp: String(Date.now() - 400 * DAY_MS) },
      { value: 'in seconds', timestamp: String(Math.floor(Date.now() / 1000)) },
    );
    // What the operator's `--to-datetime` asks.
    expect(await admin.fetchTopicOffsetsByTimestamp(at.topics.statements, before)).toEqual([
      { partition: 0, offset: '0' },
    ]);
  });

  it('is warned of at the start where it is the producers, by name and with the remedy; the service starts', async () => {
    const at = await atHand();
    const create = (topic: string, type: string, retention: string) =>
      admin.createTopics({
        topics: [
          {
            topic,
            numPartitions: 1,
            configEntries: [
              { name: 'message.timestamp.type', value: type },
              { name: 'retention.ms', value: retention },
            ],
          },
        ],
        waitForLeaders: true,
      });
    await create(at.topics.statements, 'CreateTime', String(7 * DAY_MS));
    await create(at.topics.deadLetters, 'CreateTime', '-1');
    let said = '';
    const log = createLogger('warn', { write: (line) => void (said += line) });
    const database = await freshDatabase();
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', SHARDS: '1', ...at.env });
    const parts = allParts(settings);
    const service = await startService(AppModule.of(parts), parts, settings, log);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    await service.stop();
    await database.drop();
    const warnings = said.split('\n').filter((line) => line.includes('CreateTime'));
    expect(warnings).toEqual([expect.stringContaining(at.topics.statements)]);
    expect(warnings[0]).toContain(
      `kafka-configs --alter --topic ${at.topics.statements} --add-config message.timestamp.type=LogAppendTime`,
    );
  }, 60_000);
});
