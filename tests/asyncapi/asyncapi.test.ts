import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemasWithoutId } from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { EVENT_TYPES } from '#libs/domain';
import { EventStore, performOperation } from '#libs/log';
import { describeKafka } from '../support/kafka/test-broker.js';
import { startRunning, type Running } from '../api/running.js';
import { topicsAtHand, type Seen, type TopicsAtHand } from '../kafka/topics-at-hand.js';
import { document, documentYaml } from './document.js';
import {
  corrections,
  deadLetters,
  events,
  retractions,
  statements,
  voids,
  type Example,
} from './examples.js';

type MessageName = 'statement' | 'retract' | 'void' | 'correct' | 'event' | 'deadLetter';

const checkedIn = readFileSync('docs/asyncapi.yaml', 'utf8');
const described = parse(checkedIn) as object;

function newAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  return ajv;
}

/** The document with each object closed of which it does not say otherwise: so a field that it does not name is found. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const inside = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return inside.type === 'object' && 'properties' in inside
    ? { additionalProperties: false, ...inside }
    : inside;
}

/** What is wrong with a message by the document, in its headers or its value. */
function faultsOf(
  message: MessageName,
  { headers, payload }: Pick<Example, 'headers' | 'payload'>,
): string[] {
  return Object.entries({ headers, payload }).flatMap(([part, value]) => {
    const validate = ajv.getSchema(`asyncapi#/components/messages/${message}/${part}`)!;
    void validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message: fault, params }) =>
        `${part}${instancePath} ${fault} ${JSON.stringify(params)}`,
    );
  });
}

const ajv = newAjv().addSchema(closed(described) as object, 'asyncapi');

const outgoing = ({ headers, value }: Seen) => ({ headers, payload: JSON.parse(value!) as { type: string } });

describe('docs/asyncapi.yaml', () => {
  test('is what the code says: else `npm run asyncapi`', () => {
    expect(checkedIn).toBe(documentYaml());
  });

  test('is a valid AsyncAPI 3.0 document, and names nothing that is not there', () => {
    const validate = newAjv().compile(schemasWithoutId['3.0.0'] as object);
    validate(described);
    expect(validate.errors ?? []).toEqual([]);
    const whole = newAjv().addSchema(described, 'whole');
    for (const [, to] of checkedIn.matchAll(/\$ref: "?#([^"\n]+)/g))
      expect([to, whole.getSchema(`whole#${to}`)]).toEqual([to, expect.any(Function)]);
  });

  test('has examples that fit, and schemas that refuse what does not', () => {
    const all: [MessageName, Example[]][] = [
      ['statement', statements],
      ['retract', retractions],
      ['void', voids],
      ['correct', corrections],
      ['event', events],
      ['deadLetter', deadLetters],
    ];
    for (const [message, examples] of all)
      for (const example of examples)
        expect([example.name, ...faultsOf(message, example)]).toEqual([example.name]);
    expect(faultsOf('statement', voids[0]!)).not.toEqual([]);
    expect(faultsOf('void', statements[0]!)).not.toEqual([]);
    const { reason: _reason, ...unexplained } = voids[0]!.payload as Record<string, unknown>;
    expect(faultsOf('void', { ...voids[0]!, payload: unexplained })).not.toEqual([]);
    const { headers, payload } = events[0]!;
    expect(
      faultsOf('event', { headers, payload: { ...(payload as object), type: 'claim.retracted' } }),
    ).not.toEqual([]);
    expect(faultsOf('event', { headers, payload: { ...(payload as object), colour: 'red' } })).toContain(
      'payload must NOT have additional properties {"additionalProperty":"colour"}',
    );
  });
});

describeKafka('the topics of a running service', () => {
  let topics: TopicsAtHand;
  let running: Running;
  const send = (one: Example, value = JSON.stringify(one.payload)) =>
    topics.send({ key: 'desk', value, headers: one.headers });

  beforeAll(async () => {
    topics = await topicsAtHand();
    running = await startRunning({ ...topics.env, SHARDS: '2' });
  });

  afterAll(async () => {
    await running.stop();
    await topics.close();
  });

  test('what comes out of the examples, and of every other command, is as described', async () => {
    for (const example of [...statements, ...retractions, ...voids, ...corrections]) await send(example);
    const seen = await topics.until(topics.topics.events, (messages) => messages.length >= 6);
    const types = (of: Seen[]) => of.map(({ headers }) => headers.ce_type!).toSorted();
    expect(types(seen)).toEqual([
      'claim.asserted',
      'claim.denied',
      'claim.denied',
      'claim.retracted',
      'statement.voided',
      'statement.voided',
    ]);

    // The first is the event that is given as an example, but for what the store adds and the salt of the quote.
    const { headers, payload } = outgoing(seen.find(({ headers }) => headers.ce_type === 'claim.asserted')!);
    const [example] = events;
    const digests = { source: expect.objectContaining({ quoteDigest: expect.any(String) }) };
    expect(payload).toEqual({
      ...(example!.payload as object),
      by: topics.topics.statements,
      data: { ...(example!.payload as { data: object }).data, ...digests },
    });
    expect(Object.keys(headers)).toEqual(Object.keys(example!.headers));
    expect(headers).toMatchObject({
      ce_id: example!.headers.ce_id,
      traceparent: example!.headers.traceparent,
    });

    const commands: [method: string, path: string, body?: object][] = [
      ['DELETE', `statements/${(voids[0]!.payload as { statementId: string }).statementId}/void`],
      [
        'POST',
        'locations',
        {
          id: 'mill',
          names: [{ name: 'Mill', language: 'en', kind: 'official' }],
          codes: [{ scheme: 'osm', value: 'n2' }],
          coordinates: [1, 2],
          country: 'ZZ',
          region: 'Lowland',
          by: 'desk',
          reason: 'it is there',
        },
      ],
      ['POST', 'locations', { id: 'bridge', names: [{ name: 'Bridge' }], within: 'mill' }],
      ['POST', 'locations/bridge/names', { name: 'The Bridge', script: 'Latn' }],
      ['DELETE', 'locations/bridge/names/The%20Bridge'],
      ['POST', 'locations/bridge/codes', { scheme: 'osm', value: 'n1' }],
      ['DELETE', 'locations/bridge/codes?scheme=osm&value=n1'],
      ['PUT', 'locations/bridge/countries', { countries: ['ZZ', 'ZY'] }],
      ['PUT', 'locations/bridge/coordinates', { coordinates: [3, 4] }],
      ['POST', 'locations/bridge/merge', { into: 'mill' }],
      ['DELETE', 'locations/bridge/merge'],
    ];
    for (const [method, path, body] of commands)
      expect(await running.send(method, `/v1/${path}`, body)).toMatchObject({ json: { duplicate: false } });
    await performOperation(
      running.service.app.get(EventStore),
      { operation: 'key.created', subject: 'k7', detail: 'Worker 7', signature: 'root (command line)' },
      async () => {},
    );
    const all = await topics.until(
      topics.topics.events,
      (messages) => messages.length >= 7 + commands.length,
    );
    expect(new Set(types(all))).toEqual(new Set(EVENT_TYPES));
    for (const message of all)
      expect([message.headers.ce_type, ...faultsOf('event', outgoing(message))]).toEqual([
        message.headers.ce_type,
      ]);
    expect(all.every(({ key, value }) => key === (JSON.parse(value!) as { stream: string }).stream)).toBe(
      true,
    );
  });

  test('a dead letter is as described', async () => {
    const [example] = deadLetters;
    await send({ ...example!, headers: {} }, example!.payload as string);
    const [letter] = await topics.until(topics.topics.deadLetters, (messages) => messages.length > 0);
    expect(faultsOf('deadLetter', { headers: letter!.headers, payload: letter!.value })).toEqual([]);
    expect(letter).toMatchObject({
      key: 'desk',
      value: example!.payload,
      headers: {
        ...example!.headers,
        'origin-topic': topics.topics.statements,
        'origin-partition': expect.stringMatching(/^\d+$/),
        'origin-offset': expect.stringMatching(/^\d+$/),
      },
    });
  });

  test('topics have the names of the document', () => {
    expect(
      Object.values(document.channels).map(({ address }) => address.replace('{prefix}', topics.prefix)),
    ).toEqual(Object.values(topics.topics));
  });
});
