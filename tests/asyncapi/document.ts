import { stringify } from 'yaml';
import { REPLAY } from '#libs/jobs';
import {
  COMMAND,
  COMMANDS,
  DEAD_LETTER,
  DEFAULT_PREFIX,
  SENDER,
  topicsOf,
  type CommandName,
} from '#libs/messaging';
import {
  corrections,
  deadLetters,
  events,
  retractions,
  statements,
  voids,
  type Example,
} from './examples.js';
import { named, payloads, schemas, type Schema } from './schemas.js';

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const number = (description: string) => text(description, { pattern: '^[0-9]+$' });
const ref = (to: string) => ({ $ref: `#/${to}` });

const traceparent = text('W3C Trace Context; an invalid one is ignored. The event of the message has it too');

const sender = text(
  'Who sends it: `by` of the events. It counts only where producers are trusted (KAFKA_PRODUCERS_TRUSTED); else events name the topic',
);

/** The headers of a message. */
const headers = (title: string, properties: Record<string, Schema>, more: Schema) =>
  named({ title, type: 'object', properties, ...more });

const asked: Record<CommandName, { title: string; summary: string; examples: Example[] }> = {
  retract: {
    title: 'Retraction',
    summary: 'A party retracts a statement of its own side',
    examples: retractions,
  },
  void: {
    title: 'Void',
    summary: 'A curator marks a statement or a retraction as an ingest mistake',
    examples: voids,
  },
  correct: {
    title: 'Correction',
    summary: 'A curator records the right statement in place of an ingest mistake, which is voided',
    examples: corrections,
  },
};

// A binding's schemas are no references.
const key = (title: string, description: string) => ({
  kafka: { key: { title, type: 'string', description }, bindingVersion: '0.5.0' },
});
const ordered = key('OrderingKey', 'Any. Messages of one key are in one partition and are handled in order');

const commandMessage = (name: CommandName) => ({
  ...asked[name],
  description:
    'Its statement may still be on its way in another partition. The command waits for it some seconds, ' +
    'and then becomes a dead letter.',
  contentType: 'application/json',
  headers: headers(
    `${asked[name].title}Headers`,
    { [COMMAND]: { type: 'string', const: name }, [SENDER]: sender, traceparent },
    { required: [COMMAND] },
  ),
  payload: payloads[name],
  bindings: ordered,
});

const messages = {
  statement: {
    title: 'Statement',
    summary: 'Who said what about which place, when, and where it was read',
    description: [
      'Recorded once, however often it is sent: by its `statementId`, or else by its content. Beside what the schema says:',
      '`statedAt` or `source.publishedAt` is needed; so is who spoke (`speaker.name`, `speaker.party`, `via` or `source.outlet`);',
      '`claim.actor` is needed for all predicates but `fighting`; a location has an id, or a name with region and country.',
    ].join('\n'),
    contentType: 'application/json',
    headers: headers('StatementHeaders', { [SENDER]: sender, traceparent }, { not: { required: [COMMAND] } }),
    payload: payloads.statement,
    bindings: ordered,
    examples: statements,
  },
  ...Object.fromEntries(COMMANDS.map((name) => [name, commandMessage(name)])),
  event: {
    title: 'Event',
    summary: 'A fact of the log: CloudEvents 1.0 in the binary mode of its Kafka binding',
    description:
      'May come more than once, always with the same id and position; the first time in the order of positions of its epoch. ' +
      'Nothing is missing between two positions of a shard.',
    contentType: 'application/json',
    headers: headers(
      'EventHeaders',
      {
        'content-type': { type: 'string', const: 'application/json' },
        ce_specversion: { type: 'string', const: '1.0' },
        ce_id: text('The id of the event'),
        ce_type: text('The type of the event'),
        ce_source: text('The store', { pattern: '^urn:claimline:store:' }),
        ce_time: text(
          'When it was recorded, to the millisecond; never earlier than the event before it in the shard',
          { format: 'date-time' },
        ),
        shard: number('Its shard, which is the partition'),
        position: number('Its position in the shard, counted from 1 without gaps'),
        digest: text('sha256 of the value, in hexadecimal', { pattern: '^[0-9a-f]{64}$' }),
        epoch: number(
          'The epoch in which it was recorded; absent: the first. In a later epoch positions come again with other events: ' +
            'then the log has gone back, and those of earlier epochs at these positions are lost',
        ),
        traceparent: text('The trace that the event came in with'),
        [REPLAY]: text('Only in the topic of a replay: the run', { format: 'uuid' }),
      },
      {
        required: [
          'content-type',
          'ce_specversion',
          'ce_id',
          'ce_type',
          'ce_source',
          'ce_time',
          'shard',
          'position',
          'digest',
        ],
      },
    ),
    payload: payloads.event,
    bindings: key('StreamKey', 'The stream of the event'),
    examples: events,
  },
  deadLetter: {
    title: 'Dead letter',
    summary: 'A message that cannot be recorded, unchanged, with the reason',
    description:
      'Key, value and headers are those of the message, with the headers named here added (an original header of the same ' +
      'name is renamed to `original-...`). May come more than once: origin-topic, origin-partition and origin-offset ' +
      'identify it.',
    contentType: 'application/octet-stream',
    headers: headers(
      'DeadLetterHeaders',
      {
        [DEAD_LETTER.code]: text(
          'The problem, as over HTTP (`urn:claimline:problem:<code>`), or message-malformed, command-unknown',
        ),
        [DEAD_LETTER.detail]: text('The same in words, with every field that is wrong'),
        [DEAD_LETTER.topic]: text('The topic of the message'),
        [DEAD_LETTER.partition]: number('Its partition there'),
        [DEAD_LETTER.offset]: number('Its offset there'),
        [DEAD_LETTER.nulls]: text(
          'Only if there are any: a JSON array with the names of headers without a value (or with several, one of them ' +
            'without); they are empty here',
        ),
      },
      {
        required: Object.values(DEAD_LETTER).filter((name) => name !== DEAD_LETTER.nulls),
        additionalProperties: { type: 'string' },
      },
    ),
    payload: named({
      title: 'RefusedMessage',
      type: ['string', 'null'],
      description: 'The value as it was sent',
    }),
    bindings: key('RefusedKey', 'The key of the message'),
    examples: deadLetters,
  },
};

const prefixed = topicsOf('{prefix}');

const channel = (name: keyof typeof prefixed, description: string, carried: readonly string[]) => ({
  address: prefixed[name],
  title: name,
  description,
  parameters: {
    prefix: {
      description: 'KAFKA_PREFIX: distinguishes the installations that share a cluster',
      default: DEFAULT_PREFIX,
    },
  },
  messages: Object.fromEntries(carried.map((message) => [message, ref(`components/messages/${message}`)])),
});

const operation = (action: 'send' | 'receive', of: keyof typeof prefixed, summary: string) => ({
  action,
  channel: ref(`channels/${of}`),
  summary,
});

/** The description of the topics, made from the schemas and names of the code. */
export const document = {
  asyncapi: '3.0.0',
  info: {
    title: 'Claimline',
    version: '1',
    description:
      'Who says what about a place, since when, and how disputed it is. Each topic has as many partitions as the store has shards.',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  },
  defaultContentType: 'application/json',
  servers: {
    kafka: {
      host: 'localhost:9092',
      protocol: 'kafka',
      description: 'KAFKA_BROKERS; with KAFKA_SSL, kafka-secure',
    },
  },
  channels: {
    statements: channel(
      'statements',
      'In: statements and commands to record, from ingest workers and curators.',
      ['statement', ...COMMANDS],
    ),
    events: channel('events', 'Out: the log. A partition is a shard; kept forever.', ['event']),
    deadLetters: channel(
      'deadLetters',
      'Out: messages that could not be recorded; kept forever. See `claimline dead-letters`.',
      ['deadLetter'],
    ),
  },
  operations: {
    record: operation('receive', 'statements', 'Records statements, and executes commands on them'),
    relay: operation('send', 'events', 'Sends the events of the log'),
    bury: operation('send', 'deadLetters', 'Stores messages that could not be recorded'),
  },
  components: { messages, schemas },
};

const HEAD =
  '# Made by `npm run asyncapi` from the schemas of the code; tests compare the two. Do not edit by hand.\n';

export const documentYaml = (): string =>
  HEAD + stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
