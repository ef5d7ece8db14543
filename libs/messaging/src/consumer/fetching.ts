import type { Kafka } from 'kafkajs';
import {
  DecoderOf,
  withClusters,
  type BrokerConnection,
  type Decoder,
  type Exchange,
} from '../inside-kafkajs.js';
import { readBatches, type FetchedRecord, type Room } from './record-batches.js';

const MEBIBYTE = 1024 * 1024;
/** Four times the largest batch that a topic of ours accepts. */
const MAX_UNPACKED_BYTES = 32 * MEBIBYTE;
/** The limit of all partitions of one answer together; a batch that begins below it is read. */
const MAX_RESPONSE_BYTES = 64 * MEBIBYTE;

const FETCH_API_KEY = 1;
/** From this version on answers have record batches, and name aborted transactions. */
const FIRST_VERSION = 4;

/**
 * The same Kafka, whose consumers read all codecs and leave out aborted transactions. In place of a batch that cannot be read
 * they get a message with `unreadable` (`unreadableIn`), and nothing after it. The other partitions of the answer are read.
 */
export const readingKafka = (kafka: Kafka): Kafka =>
  withClusters(kafka, ({ brokerPool }) => {
    const { createBroker } = brokerPool;
    brokerPool.createBroker = (options) => readingBroker(createBroker(options));
  });

/** kafkajs sets the look-up again whenever it connects. */
function readingBroker(broker: BrokerConnection): BrokerConnection {
  let original = broker.lookupRequest;
  const lookupRequest: BrokerConnection['lookupRequest'] = (apiKey, definition) => {
    const exchangeOf = original(apiKey, definition);
    return apiKey === FETCH_API_KEY ? (fields) => withReader(exchangeOf(fields)) : exchangeOf;
  };
  return Object.defineProperty(broker, 'lookupRequest', {
    get: () => lookupRequest,
    set(look: typeof original) {
      original = look;
    },
  });
}

const withReader = (exchange: Exchange): Exchange => {
  const { apiVersion } = exchange.request;
  if (apiVersion < FIRST_VERSION) return exchange;
  return { ...exchange, response: { ...exchange.response, decode: (raw) => decodeAnswer(raw, apiVersion) } };
};

/** As kafkajs does it, except for the records. */
async function decodeAnswer(raw: Buffer, version: number): Promise<object> {
  const decoder = new DecoderOf(raw);
  const throttle = decoder.readInt32();
  const session = version >= 7 ? { errorCode: decoder.readInt16(), sessionId: decoder.readInt32() } : {};
  const room = { batch: MAX_UNPACKED_BYTES, left: MAX_RESPONSE_BYTES };
  const responses = await decoder.readArrayAsync(async () => ({
    topicName: decoder.readString(),
    partitions: await decoder.readArrayAsync(() => decodePartition(decoder, version, room)),
  }));
  // Since version 8 the client waits for a throttle, not the broker.
  return {
    ...(version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttle } : { throttleTime: throttle }),
    ...session,
    responses,
  };
}

async function decodePartition(decoder: Decoder, version: number, room: Room): Promise<object> {
  const head = {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    ...(version >= 5 && { lastStartOffset: decoder.readInt64().toString() }),
  };
  const aborted = decoder.readArray(() => ({
    producerId: decoder.readInt64().toString(),
    firstOffset: decoder.readInt64().toString(),
  }));
  const replica = version >= 11 ? { preferredReadReplica: decoder.readInt32() } : {};
  const bytes = decoder.readBytes() ?? Buffer.alloc(0);
  const messages: FetchedRecord[] = await readBatches(bytes, aborted, room);
  return { ...head, ...replica, abortedTransactions: [], messages };
}
