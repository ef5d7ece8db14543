import type { ConfigResourceTypes, Kafka } from 'kafkajs';
import type { Topics } from './topics.js';

/** The constant of kafkajs is not exported to ES modules. */
const TOPIC: ConfigResourceTypes.TOPIC = 2;
const CLOCK = 'message.timestamp.type';
const RETENTION = 'retention.ms';
const FOR_EVER = '-1';

/**
 * Warns of topics created by others that delete messages by the clock of their producers: a message whose timestamp is old,
 * or in seconds, is acknowledged and then deleted at the next check.
 */
export async function clockWarnings(kafka: Kafka, { statements, deadLetters }: Topics): Promise<string[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const resources = [statements, deadLetters].map((name) => ({
      type: TOPIC,
      name,
      configNames: [CLOCK, RETENTION],
    }));
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return described.resources.flatMap(({ resourceName: topic, configEntries }) => {
      const valueOf = (name: string) =>
        configEntries.find(({ configName }) => configName === name)?.configValue;
      if (valueOf(CLOCK) !== 'CreateTime' || valueOf(RETENTION) === FOR_EVER) return [];
      return [
        `topic ${topic} deletes messages by the timestamps of their producers (CreateTime): ` +
          'old ones may be deleted before they are consumed. Change it: ' +
          `kafka-configs --alter --topic ${topic} --add-config ${CLOCK}=LogAppendTime --bootstrap-server ...`,
      ];
    });
  } finally {
    await admin.disconnect();
  }
}
