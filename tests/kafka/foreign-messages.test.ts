import { randomUUID } from 'node:crypto';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEAD_LETTER, headerOf, readToEnd } from '#libs/messaging';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { describeLibrdkafka, LibrdkafkaProducer, type ForeignMessage } from '../support/kafka/librdkafka.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

type Kind = Omit<ForeignMessage, 'topic' | 'partition'>;

const statement = () =>
  JSON.stringify({ ...PLAIN, statementId: randomUUID(), location: { name: 'From elsewhere' } });
const bytes = (...given: (number[] | string)[]) =>
  Buffer.concat(given.map((one) => (typeof one === 'string' ? Buffer.from(one) : Buffer.from(one))));
const MIB = 1024 * 1024;

/** Each of them is recorded. */
const GOOD: Record<string, () => Kind> = {
  'no key, no timestamp': () => ({ value: statement() }),
  'an empty key': () => ({ key: '', value: statement() }),
  'an int32 as key': () => ({ key: bytes([0, 0, 0, 0]), value: statement() }),
  'a key that is no UTF-8': () => ({ key: bytes([0xff, 0xc3]), value: statement() }),
  'a timestamp of last year': () => ({ value: statement(), timestamp: Date.now() - 400 * 86_400_000 }),
  'a timestamp in seconds': () => ({ value: statement(), timestamp: Math.floor(Date.now() / 1000) }),
  'a header without a value': () => ({ value: statement(), headers: [['note', null]] }),
  'a header twice': () => ({
    value: statement(),
    headers: [
      ['note', 'a'],
      ['note', 'b'],
    ],
  }),
  'a command without a value': () => ({ value: statement(), headers: [['command', null]] }),
  'a traceparent that is none': () => ({ value: statement(), headers: [['traceparent', bytes([0xff])]] }),
  'headers named as what every object has': () => ({
    value: statement(),
    headers: [
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ],
  }),
  'a schema id in a header, and plain JSON': () => ({
    value: statement(),
    headers: [
      [
        '__value_schema_id',
        bytes(
          [1],
          Array.from({ length: 16 }, () => 7),
        ),
      ],
    ],
  }),
  'nearly 1 MiB': () => ({ value: statement().padEnd(MIB - 500) }),
};

/** Each of them is a dead letter, with these words. */
const BAD: Record<string, [Kind, code: string, detail: RegExp]> = {
  'no value': [{ key: 'k', value: null }, 'message-malformed', /no value/],
  'an empty value': [{ value: '' }, 'message-malformed', /not JSON/],
  'no JSON': [{ value: 'hello' }, 'message-malformed', /not JSON/],
  'no UTF-8': [{ value: bytes([0xff, 0xfe]) }, 'message-malformed', /not UTF-8/],
  'UTF-16': [{ value: Buffer.from(statement(), 'utf16le') }, 'message-malformed', /not JSON/],
  'deep JSON': [{ value: '['.repeat(5000) + ']'.repeat(5000) }, 'message-malformed', /deeper/],
  'a number': [{ value: '7' }, 'statement-invalid', /object/],
  'an array': [{ value: '[]' }, 'statement-invalid', /object/],
  'JSON in JSON': [{ value: JSON.stringify(statement()) }, 'statement-invalid', /object/],
  'another shape': [{ value: '{"payload": {}}' }, 'statement-invalid', /\/payload unknown field/],
  'U+0000 in a name': [
    { value: '{"a\\u0000b": 1, "\\ud800": 1, "c\\u001b[2J": 1, "\\u202ed": 1}' },
    'statement-invalid',
    /\/a\\u0000b .*\/\\ud800 .*\/c\\u001b\[2J .*\/\\u202ed/,
  ],
  'control characters in a command': [
    { value: '{}', headers: [['command', bytes('void', [0, 0x1b])]] },
    'command-unknown',
    /void\\u0000\\u001b/,
  ],
  'a header without a value': [{ value: '{', headers: [['note', null]] }, 'message-malformed', /not JSON/],
  'a header with and without a value': [
    {
      value: '{',
      headers: [
        ['note', null],
        ['note', 'x'],
        ['note', ''],
      ],
    },
    'message-malformed',
    /not JSON/,
  ],
  'a header twice': [
    {
      value: '{',
      headers: [
        ['note', 'a'],
        ['note', 'b'],
        ['note', 'a'],
      ],
    },
    'message-malformed',
    /not JSON/,
  ],
  'a binary header': [
    { value: '{', headers: [['note', bytes([0, 0xff, 0xfe, 0x80])]] },
    'message-malformed',
    /not JSON/,
  ],
  'headers named as what every object has': [
    {
      value: '{',
      headers: [
        ['constructor', 'a'],
        ['toString', null],
        ['__proto__', 'b'],
      ],
    },
    'message-malformed',
    /not JSON/,
  ],
  'headers named as ours': [
    {
      value: '{',
      headers: [
        [DEAD_LETTER.code, 'mine'],
        [DEAD_LETTER.offset, '99'],
        [`original-${DEAD_LETTER.code}`, 'older'],
      ],
    },
    'message-malformed',
    /not JSON/,
  ],
  'nearly 1 MiB': [
    { key: bytes([0, 0, 0, 7]), value: 'x'.repeat(MIB - 500) },
    'message-malformed',
    /not JSON/,
  ],
  "a registry's prefix before JSON": [
    { value: bytes([0, 0, 0, 1, 5], statement()) },
    'message-malformed',
    /schema registry.*schema id 261.*plain JSON/,
  ],
  "a registry's prefix before something else": [
    { value: bytes([0, 0, 0, 0, 9, 2, 0x0c, 0xff]) },
    'message-malformed',
    /schema registry.*schema id 9\b/,
  ],
  'a prefix with a long id': [
    { value: bytes([0, 0, 0, 0, 0, 0, 0, 0, 12], statement()) },
    'message-malformed',
    /schema registry.*schema id 12\b/,
  ],
  'a prefix with a UUID': [
    {
      value: bytes(
        [3, 0],
        Array.from({ length: 16 }, () => 0xab),
        statement(),
      ),
    },
    'message-malformed',
    /schema registry.*abababab-abab-abab-abab-abababababab/,
  ],
  'a schema id in a header': [
    {
      value: bytes([2, 0x0c, 0xff]),
      headers: [
        [
          '__value_schema_id',
          bytes(
            [1],
            Array.from({ length: 16 }, () => 0xcd),
          ),
        ],
      ],
    },
    'message-malformed',
    /schema registry.*__value_schema_id.*cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd/,
  ],
};

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

// From librdkafka, which allows what kafkajs does not. All of it goes into one partition: what stops it stops the rest.
describeLibrdkafka('messages of a foreign producer', () => {
  let at: TopicsAtHand;
  let running: Running;
  let producer: LibrdkafkaProducer;
  const foreign = (kind: Kind): ForeignMessage => ({ topic: at.topics.statements, partition: 0, ...kind });
  const open = (config: Record<string, string | number> = {}) =>
    LibrdkafkaProducer.open(at.env.KAFKA_BROKERS, {
      'message.max.bytes': 2 * MIB,
      'linger.ms': 50,
      ...config,
    });
  beforeAll(async () => {
    at = await topicsAtHand();
    const env = { ...at.env, SHARDS: '2' };
    running = await startRunning(env);
    Object.assign(process.env, { DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'warn', ...env });
    producer = await open();
  }, 120_000);
  afterAll(async () => {
    await producer?.close();
    await running?.stop();
    await at?.close();
  });

  const recorded = async (value: string | Buffer) => {
    const { statementId } = JSON.parse(value.toString()) as { statementId: string };
    while ((await running.get(`/v1/statements/${statementId}`)).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 25));
  };
  /** All that was sent before is done with: of a batch the statements are recorded before the dead letters are sent. */
  const untilPassed = async () => {
    for (let batches = 0; batches < 2; batches++) {
      const last = statement();
      await producer.send(foreign({ value: last }));
      await recorded(last);
    }
  };
  const deadLetters = async (): Promise<KafkaMessage[]> => {
    const seen: KafkaMessage[] = [];
    await readToEnd(
      at.kafka,
      at.topics.deadLetters,
      new Map(),
      async ({ messages }) => void seen.push(...messages),
      new AbortController().signal,
    );
    return seen.toSorted(
      (a, b) =>
        Number(headerOf(a.headers, DEAD_LETTER.offset)) - Number(headerOf(b.headers, DEAD_LETTER.offset)),
    );
  };

  it.each(Object.entries(GOOD))('%s: recorded', async (_, kind) => {
    const message = kind();
    await producer.send(foreign(message));
    await recorded(message.value!);
  });

  it.each(COMPRESSIONS)('packed with %s: recorded, or a dead letter', async (codec) => {
    const before = (await deadLetters()).length;
    const packing = await open({ 'compression.type': codec });
    const values = [statement(), 'no JSON', statement()];
    await packing.send(...values.map((value) => foreign({ value })));
    await packing.close();
    await recorded(values[2]!);
    await untilPassed();
    expect((await deadLetters()).slice(before).map(({ value }) => value!.toString())).toEqual(['no JSON']);
  });

  it('in a transaction: recorded, or a dead letter, once it is committed', async () => {
    const before = (await deadLetters()).length;
    const transacting = await open({ 'transactional.id': at.prefix });
    const values = [statement(), 'no JSON', statement()];
    await transacting.begin();
    await transacting.produce(...values.map((value) => foreign({ value })));
    await transacting.flush();
    await transacting.commit();
    await transacting.close();
    await recorded(values[2]!);
    await untilPassed();
    expect((await deadLetters()).slice(before).map(({ value }) => value!.toString())).toEqual(['no JSON']);
  });

  describe('that cannot be recorded', () => {
    let dead: KafkaMessage[];
    const kinds = Object.entries(BAD);
    const at_ = (kind: string) => dead[kinds.findIndex(([name]) => name === kind)]!;
    beforeAll(async () => {
      const before = (await deadLetters()).length;
      await producer.send(...kinds.map(([, [kind]]) => foreign(kind)));
      await untilPassed();
      dead = (await deadLetters()).slice(before);
    }, 60_000);

    it.each(kinds)('%s: a dead letter', (kind, [{ key = null, value }, code, detail]) => {
      const letter = at_(kind);
      const whole = (one: string | Buffer | null) =>
        one === null ? null : Buffer.from(one).toString('base64');
      expect([whole(letter.key), whole(letter.value)]).toEqual([whole(key), whole(value)]);
      expect([
        headerOf(letter.headers, DEAD_LETTER.code),
        headerOf(letter.headers, DEAD_LETTER.detail),
      ]).toEqual([code, expect.stringMatching(detail)]);
      expect(headerOf(letter.headers, DEAD_LETTER.detail)).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
      expect([
        headerOf(letter.headers, DEAD_LETTER.topic),
        headerOf(letter.headers, DEAD_LETTER.partition),
      ]).toEqual([at.topics.statements, '0']);
    });

    it('keeps its headers: all values of one name, bytes as they are, and those that are named as ours', () => {
      const own = (kind: string) => at_(kind).headers as IHeaders;
      expect(own('a header twice').note).toEqual(['a', 'b', 'a'].map((one) => Buffer.from(one)));
      expect(own('a binary header').note).toEqual(Buffer.from([0, 0xff, 0xfe, 0x80]));
      expect(headerOf(own('headers named as ours'), `original-${DEAD_LETTER.code}`)).toBe('mine');
      expect(headerOf(own('headers named as ours'), `original-${DEAD_LETTER.offset}`)).toBe('99');
      expect(headerOf(own('headers named as ours'), `original-original-${DEAD_LETTER.code}`)).toBe('older');
      expect(own('a header without a value').note).toEqual(Buffer.alloc(0));
      expect(headerOf(own('a header without a value'), DEAD_LETTER.nulls)).toBe('["note"]');
      expect(own('a header with and without a value').note).toEqual(
        ['', 'x', ''].map((one) => Buffer.from(one)),
      );
      expect(Object.keys(own('headers named as what every object has'))).toEqual(
        expect.arrayContaining(['constructor', 'toString', '__proto__']),
      );
    });

    it('can be listed, shown, retried and discarded', async () => {
      const { code, out, err } = await claimline('dead-letters', 'list', '--json');
      expect([code, err]).toEqual([0, '']);
      const listed = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; code: string });
      const ids = dead.map(({ headers }) => `0:${headerOf(headers, DEAD_LETTER.offset)!}`);
      expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      const shown = async (kind: string) =>
        JSON.parse(
          (
            await claimline(
              'dead-letters',
              'show',
              `0:${headerOf(at_(kind).headers, DEAD_LETTER.offset)!}`,
              '--json',
            )
          ).out,
        ) as { headers: Record<string, unknown>; key: unknown; value: unknown };
      expect(await shown('a binary header')).toMatchObject({
        headers: { note: { base64: 'AP/+gA==' } },
        value: '{',
      });
      expect((await shown('no UTF-8')).value).toEqual({ base64: '//4=' });
      expect(await claimline('dead-letters', 'retry')).toMatchObject({
        code: 1,
        out: expect.stringMatching(new RegExp(`\n0 recorded, ${listed.length} refused again`)),
      });
      expect(await claimline('dead-letters', 'discard', ...ids)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${ids.length} discarded`),
      });
    }, 60_000);
  });
});
