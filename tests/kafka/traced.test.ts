import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { OtlpReceiver, type ReceivedSpan } from '../tracing/otlp-receiver.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

describeKafka('a statement that comes by Kafka with a trace', () => {
  const receiver = new OtlpReceiver();
  let at: TopicsAtHand;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning({
      ...at.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.start(),
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
    receiver.stop();
  });

  it('is followed through recorder, log, relay and projector', async () => {
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const traceparent = `00-${traceId}-${spanId}-01`;
    const statement = { ...PLAIN, statementId: randomUUID(), location: { name: 'Traced' } };
    await at.send({ value: JSON.stringify(statement), headers: { traceparent } });
    const names = [
      `process ${at.topics.statements}`,
      'command RecordStatements',
      'append',
      `send ${at.topics.events}`,
      'project',
    ];
    const spans = await receiver.until((all) => {
      const found = names.map((name) => all.find((span) => span.traceId === traceId && span.name === name));
      return found.every((span) => span !== undefined) ? found : undefined;
    });
    const [process, command] = spans as [ReceivedSpan, ReceivedSpan];
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual([
      spanId,
      process.spanId,
      command.spanId,
      spanId,
      spanId,
    ]);
    expect(process.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': at.topics.statements,
      'messaging.batch.message_count': 1,
    });
    // What consumers get is the trace of the producer.
    const [event] = await at.until(at.topics.events, (all) => all.length > 0);
    expect(event!.headers.traceparent).toBe(traceparent);
  }, 120_000);
});
