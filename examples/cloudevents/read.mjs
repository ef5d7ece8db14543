// Reads events with the CloudEvents SDK for JavaScript: node read.mjs <brokers> <topic>
import { Kafka as CloudEvents } from 'cloudevents';
import { Kafka } from 'kafkajs';

const [brokers, topic] = process.argv.slice(2);
const consumer = new Kafka({ brokers: brokers.split(',') }).consumer({ groupId: `${topic}.javascript` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const headers = Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
    );
    const event = CloudEvents.toEvent({ headers, key: String(message.key), value: message.value });
    console.log(
      `${headers.shard}:${headers.position} ${event.id} ${event.type} ${event.source} ${event.time} ${event.data.stream}`,
    );
  },
});
