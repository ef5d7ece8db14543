import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AppModule } from '#apps/cli/src/app.module.js';
import { createLogger, readSettings } from '#libs/platform';
import { allParts } from '#libs/service';
import { startService } from '#modules/service';
import { EventStore } from '#libs/log';
import { TopicMismatch } from '#libs/messaging';
import { PROJECTOR_POOL } from '#modules/projection';
import type { Pool } from 'pg';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { describeKafka, freshPrefix } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describeKafka('the pipeline of Kafka, all parts in one process', () => {
  let at: TopicsAtHand;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning(at.env);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  /** Asks until the answer is as wanted: what comes by Kafka is there in a while. */
  async function getUntil(path: string, wanted: (answer: Awaited<ReturnType<Running['get']>>) => boolean) {
    for (;;) {
      const answer = await running.get(path);
      if (wanted(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  const statement = (change: object = {}) => ({ ...PLAIN, statementId: randomUUID(), ...change });
  const recorded = (id: string) => getUntil(`/v1/statements/${id}`, ({ status }) => status === 200);

  it('carries a statement from its topic to the state of its place', async () => {
    const one = statement({ location: { name: 'Pipeline' } });
    await at.send(one);
    const { json } = await recorded(one.statementId);
    expect(json).toMatchObject({ statementId: one.statementId, stance: 'assert', shard: expect.any(Number) });
    expect((await running.get(`/v1/locations/${json.locationId}`)).json).toMatchObject({
      name: 'Pipeline',
      status: 'claimed',
      statements: 1,
    });
  });

  it('gives every event out once, as a CloudEvent: its partition is its shard, and its value what was digested', async () => {
    const { json } = await running.record({ location: { name: 'Given out' } });
    const seen = await at.until(at.topics.events, (all) =>
      all.some(({ headers }) => headers.ce_id === json.eventId),
    );
    const [event, ...repeats] = seen.filter(({ headers }) => headers.ce_id === json.eventId);
    expect(repeats).toEqual([]);
    expect(event).toMatchObject({
      partition: json.shard,
      key: json.locationId,
      headers: {
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: json.eventId,
        ce_type: 'claim.asserted',
        ce_source: `urn:claimline:store:${running.service.app.get(EventStore).id}`,
        ce_time: json.recordedAt,
        shard: String(json.shard),
        position: String(json.position),
        digest: createHash('sha256').update(event!.value!).digest('hex'),
      },
    });
    expect(Object.keys(event!.headers)).toHaveLength(9);
    expect(JSON.parse(event!.value!)).toMatchObject({
      eventId: json.eventId,
      stream: json.locationId,
      data: { claim: { predicate: 'captured' } },
    });
  });

  it('recognises repeats, from either edge', async () => {
    const one = statement({ location: { name: 'Repeated' } });
    await at.send(one, one);
    await recorded(one.statementId);
    await at.send(one);
    expect((await running.send('POST', '/v1/statements', one)).json).toMatchObject({ duplicate: true });
    const barrier = statement({ location: { name: 'Repeated' } });
    await at.send(barrier);
    const { json } = await recorded(barrier.statementId);
    expect((await running.get(`/v1/locations/${json.locationId}`)).json.statements).toBe(2);
  });

  it('retracts and voids, also what comes after the command', async () => {
    const [one, two] = [
      statement({ location: { name: 'Taken back' } }),
      statement({ location: { name: 'Taken back' }, statedAt: '2025-11-21' }),
    ];
    await at.send(
      {
        value: JSON.stringify({
          statementId: one.statementId,
          statedAt: '2025-11-22',
          speaker: { party: 'russia' },
          by: 'worker-3',
        }),
        headers: { command: 'retract' },
      },
      {
        value: JSON.stringify({
          statementId: two.statementId.toUpperCase(),
          reason: 'speakers swapped',
          by: 'desk',
        }),
        headers: { command: 'void' },
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    await at.send(one, two);
    const voided = await getUntil(`/v1/statements/${two.statementId}`, ({ json }) => json?.voided != null);
    expect(voided.json.voided).toMatchObject({ reason: 'speakers swapped' });
    const retracted = await getUntil(
      `/v1/statements/${one.statementId}`,
      ({ json }) => json?.retracted != null,
    );
    // Anybody may write to the topic: only the topic is known.
    expect(retracted.json.retracted).toMatchObject({ by: at.topics.statements, onBehalfOf: 'worker-3' });
    expect(
      (await at.all(at.topics.deadLetters)).filter(({ value }) => value?.includes(one.statementId)),
    ).toEqual([]);
  }, 40_000);

  it('does not void again what was reinstated, when the message comes again', async () => {
    const one = statement({ location: { name: 'Reinstated' } });
    await at.send(one);
    await recorded(one.statementId);
    const command = {
      value: JSON.stringify({ statementId: one.statementId, reason: 'by mistake', by: 'desk' }),
      headers: { command: 'void' },
      partition: 5,
    };
    await at.send(command);
    await getUntil(`/v1/statements/${one.statementId}`, ({ json }) => json?.voided != null);
    await running.send('DELETE', `/v1/statements/${one.statementId}/void`);
    await running.service.stop();
    const admin = at.kafka.admin();
    await admin.connect();
    await admin.resetOffsets({
      groupId: `${at.prefix}.recorder`,
      topic: at.topics.statements,
      earliest: true,
    });
    await admin.disconnect();
    running = await startRunning({ ...at.env, DATABASE_URL: running.databaseUrl });
    const barrier = { ...statement({ location: { name: 'Reinstated' } }) };
    await at.send({ value: JSON.stringify(barrier), partition: 5 });
    await recorded(barrier.statementId);
    await getUntil(`/v1/statements/${one.statementId}`, ({ json }) => json.voided == null);
    // A void that is meant so is another message.
    await at.send(command);
    await getUntil(`/v1/statements/${one.statementId}`, ({ json }) => json.voided != null);
  }, 60_000);

  it('corrects, also what comes after the command, and once, though the message comes again after a reinstatement', async () => {
    const [wrong, right] = [
      statement({ location: { name: 'Wrong town' } }),
      statement({ location: { name: 'Right town' } }),
    ];
    const command = {
      value: JSON.stringify({
        statementId: wrong.statementId,
        by: 'desk',
        reason: 'another town',
        statement: right,
      }),
      headers: { command: 'correct', traceparent: TRACE },
      partition: 6,
    };
    await at.send(command);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await at.send(wrong);
    const { json } = await recorded(right.statementId);
    expect(json).toMatchObject({ corrects: wrong.statementId, by: at.topics.statements, onBehalfOf: 'desk' });
    const { voided } = (
      await getUntil(`/v1/statements/${wrong.statementId}`, ({ json: found }) => found?.voided != null)
    ).json;
    expect(voided).toMatchObject({
      onBehalfOf: 'desk',
      reason: 'another town',
      replacedBy: right.statementId,
    });
    const seen = await at.until(at.topics.events, (all) =>
      [json.eventId, voided.eventId].every((id) => all.some(({ headers }) => headers.ce_id === id)),
    );
    expect(
      seen
        .filter(({ headers }) => [json.eventId, voided.eventId].includes(headers.ce_id))
        .map(({ headers }) => headers.traceparent),
    ).toEqual([TRACE, TRACE]);
    await running.send('DELETE', `/v1/statements/${wrong.statementId}/void`);
    const barrier = statement({ location: { name: 'Right town' } });
    await at.send(command, { value: JSON.stringify(barrier), partition: 6 });
    // A void in the same partition, behind the command: when it is there, the command was done with.
    const last = {
      value: JSON.stringify({ statementId: barrier.statementId, by: 'desk', reason: 'the last' }),
      headers: { command: 'void' },
      partition: 6,
    };
    await at.send(last);
    await getUntil(`/v1/statements/${barrier.statementId}`, ({ json: found }) => found?.voided != null);
    expect((await running.get(`/v1/statements/${wrong.statementId}`)).json.voided).toBeNull();
    expect(
      (await at.all(at.topics.deadLetters)).filter(({ value }) => value?.includes(right.statementId)),
    ).toEqual([]);
  }, 60_000);

  it('puts what cannot be recorded among the dead letters, whole, and continues', async () => {
    const marker = randomUUID();
    const good = statement({ location: { name: 'Among others' } });
    const wrong = [
      { value: `{"stance": "${marker}`, key: 'k-1', headers: { mine: 'kept' } },
      { value: JSON.stringify(statement({ stance: 'maybe', statedAt: 'one day', by: marker })) },
      { value: JSON.stringify(statement({ location: { id: 'nowhere-at-all' }, by: marker })) },
      { value: JSON.stringify({ statementId: randomUUID(), by: marker }), headers: { command: 'dance' } },
      { value: JSON.stringify({ by: marker }), headers: { command: 'void' } },
      { value: JSON.stringify({ statementId: good.statementId, by: marker }), headers: { command: 'void' } },
      {
        value: JSON.stringify({ statementId: good.statementId, reason: marker }),
        headers: { command: 'void' },
      },
      {
        value: JSON.stringify({
          statementId: good.statementId,
          by: marker,
          statement: { ...good, stance: 'maybe' },
        }),
        headers: { command: 'correct' },
      },
      {
        value: JSON.stringify({ statementId: good.statementId, by: 'desk', reason: marker, statement: good }),
        headers: { command: 'correct' },
      },
      { value: `${'['.repeat(60)}"${marker}"${']'.repeat(60)}` },
      { value: JSON.stringify({ ...good, claim: { predicate: 'lost', actor: 'russia' }, by: marker }) },
    ];
    await at.send({ value: JSON.stringify(good), partition: 3 });
    await recorded(good.statementId);
    const after = statement({ location: { name: 'Among others' } });
    await at.send(...wrong.map((message) => ({ ...message, partition: 3 })), {
      value: JSON.stringify(after),
      partition: 3,
    });
    await recorded(after.statementId);
    const dead = (
      await at.until(
        at.topics.deadLetters,
        (all) => all.filter(({ value }) => value?.includes(marker)).length >= wrong.length,
      )
    ).filter(({ value }) => value?.includes(marker));
    dead.sort((a, b) => Number(a.headers['origin-offset']) - Number(b.headers['origin-offset']));
    expect(dead.map(({ value }) => value)).toEqual(wrong.map(({ value }) => value));
    expect(dead.map(({ headers }) => [headers['error-code'], headers['error-detail']])).toEqual([
      ['message-malformed', expect.stringContaining('not JSON')],
      ['statement-invalid', expect.stringMatching(/\/stance.*\/statedAt/)],
      ['location-unknown', expect.any(String)],
      ['command-unknown', expect.stringContaining('"dance"')],
      ['command-invalid', expect.stringContaining('/statementId')],
      ['command-invalid', expect.stringContaining('/reason')],
      ['command-invalid', expect.stringContaining('/by')],
      ['correction-invalid', expect.stringMatching(/\/reason.*\/statement\/stance/)],
      ['correction-invalid', expect.stringContaining('is the statement itself')],
      ['message-malformed', expect.stringContaining('deeper')],
      ['statement-conflict', expect.any(String)],
    ]);
    expect(dead[0]).toMatchObject({
      key: 'k-1',
      headers: { mine: 'kept', 'origin-topic': at.topics.statements, 'origin-partition': '3' },
    });
    expect((await running.get('/metrics')).text).toMatch(
      /claimline_dead_letters_total\{code="statement-conflict"\} 1/,
    );
  }, 60_000);

  it('reads what producers compress', async () => {
    const one = statement({
      location: { name: 'Compressed' },
      source: { outlet: 'a.example', quote: 'x'.repeat(5000) },
    });
    const producer = at.kafka.producer({ createPartitioner: () => () => 0 });
    await producer.connect();
    await producer.send({
      topic: at.topics.statements,
      compression: 1,
      messages: [{ value: JSON.stringify(one) }],
    });
    await producer.disconnect();
    await recorded(one.statementId);
    expect(gzipSync(JSON.stringify(one)).length).toBeLessThan(2000);
  });

  it('sends the trace that a statement came in with out with its event', async () => {
    const [byKafka, byHttp, wrong] = [statement(), statement(), statement()];
    await at.send(
      { value: JSON.stringify(byKafka), headers: { traceparent: TRACE } },
      { value: JSON.stringify(wrong), headers: { traceparent: 'not a trace' } },
    );
    await running.send('POST', '/v1/statements', byHttp, { traceparent: TRACE.replace('4bf9', '5bf9') });
    const traceOf = async (id: string) => {
      const { json } = await recorded(id);
      const seen = await at.until(at.topics.events, (all) =>
        all.some(({ headers }) => headers.ce_id === json.eventId),
      );
      return seen.find(({ headers }) => headers.ce_id === json.eventId)!.headers.traceparent;
    };
    expect(await traceOf(byKafka.statementId)).toBe(TRACE);
    expect(await traceOf(byHttp.statementId)).toBe(TRACE.replace('4bf9', '5bf9'));
    expect(await traceOf(wrong.statementId)).toBeUndefined();
  }, 40_000);

  it('stands still at an event that cannot be projected, in its shard only, says which, and goes on after the fix', async () => {
    const projecting = running.service.app.get<Pool>(PROJECTOR_POOL);
    const poison = statement({
      location: { name: 'Poisoned' },
      speaker: { party: 'russia', name: 'Poison' },
    });
    await projecting.query(`
      create function read_models.refuse() returns trigger language plpgsql as $$ begin raise exception 'no room for it'; end $$;
      create trigger refuse before insert on read_models.timeline for each row
        when (new.statement_id = '${poison.statementId}') execute function read_models.refuse()`);
    const { json: receipt } = await running.send('POST', '/v1/statements', poison);
    const elsewhere = await (async () => {
      for (let n = 0; ; n++) {
        const { json } = await running.send(
          'POST',
          '/v1/statements',
          statement({ location: { name: `Elsewhere ${n}` } }),
        );
        if (json.shard !== receipt.shard) return json;
      }
    })();
    await recorded(elsewhere.statementId);
    const notReady = await getUntil('/readyz', ({ status }) => status === 503);
    expect(notReady.json.detail).toMatch(
      new RegExp(
        `projector: shard ${receipt.shard} stands still at event ${receipt.eventId} ` +
          `\\(${receipt.shard}:${receipt.position}\\): no room for it`,
      ),
    );
    expect((await running.get('/metrics')).text).toContain(
      `claimline_shard_stopped{shard="${receipt.shard}",event="${receipt.eventId}",reason="no room for it"} 1`,
    );
    expect((await running.get(`/v1/statements/${poison.statementId}`)).status).toBe(404);
    await projecting.query('drop trigger refuse on read_models.timeline');
    await recorded(poison.statementId);
    await getUntil('/readyz', ({ status }) => status === 200);
    expect((await running.get('/metrics')).text).not.toContain('claimline_shard_stopped{');
  }, 60_000);

  it('reports its metrics', async () => {
    const { text } = await running.get('/metrics');
    for (const metric of [
      'claimline_consumer_lag_messages{group=',
      'claimline_relay_lag_events{shard="0"} 0',
      'claimline_batch_messages_count{group=',
      'claimline_rebalances_total{group=',
      'claimline_relay_leads 1',
    ])
      expect(text).toContain(metric);
  });

  it('refuses topics that do not fit the store, by name', async () => {
    const other = await topicsAtHand(freshPrefix());
    const admin = other.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: other.topics.events, numPartitions: 3 }] });
    await admin.disconnect();
    const settings = readSettings({ DATABASE_URL: running.databaseUrl, PORT: '0', ...other.env });
    const parts = allParts(settings);
    const starting = startService(AppModule.of(parts), parts, settings, createLogger('silent'));
    await expect(starting).rejects.toThrow(TopicMismatch);
    await expect(starting).rejects.toThrow(
      `topic ${other.topics.events} has 3 partitions, but the store has 16 shards`,
    );
    await other.close();
  }, 40_000);
});
