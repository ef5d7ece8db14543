import { createRequire } from 'node:module';
import type { Kafka, KafkaMessage } from 'kafkajs';

// All that this code knows of kafkajs beyond its API, for 2.2.4, its last version
// (docs/decisions/041-a-reader-of-our-own-in-kafkajs.md).

/** Reads kafkajs' kind of bytes: it moves on as it reads. */
export interface Decoder {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readString(): string;
  readBytes(): Buffer | null;
  readArray<T>(read: (decoder: Decoder) => T): T[];
  readArrayAsync<T>(read: (decoder: Decoder) => Promise<T>): Promise<T[]>;
}

/** A request of a connection, and the parser of its answer. */
export interface Exchange {
  request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<object> };
  response: { decode: (raw: Buffer) => Promise<object>; parse: (decoded: object) => Promise<unknown> };
}

/** A connection to one broker. */
export interface BrokerConnection {
  versions: Record<number, { maxVersion: number } | undefined> | null;
  connectionPool: { send(exchange: Exchange): Promise<unknown> };
  /** The version of a request that both sides support, known once it is connected. */
  lookupRequest: (apiKey: number, definition: unknown) => (fields: object) => Exchange;
}

/** The cluster that a consumer or an admin of kafkajs uses. */
export interface Cluster {
  findControllerBroker(): Promise<BrokerConnection>;
  refreshMetadataIfNecessary(): Promise<void>;
  brokerPool: { createBroker: (options: object) => BrokerConnection };
}

const require = createRequire(import.meta.url);
export const { DecoderOf, EncoderOf, decodeMessageSet } = {
  DecoderOf: require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => Decoder,
  EncoderOf: require('kafkajs/src/protocol/encoder.js') as new () => {
    writeBufferInternal(bytes: Buffer): void;
  },
  decodeMessageSet: require('kafkajs/src/protocol/messageSet/decoder.js') as (
    decoder: Decoder,
    size: number,
  ) => Promise<KafkaMessage[]>,
};

/** The same Kafka, whose clusters pass through `adapt` before use: each consumer and each admin has one. */
export function withClusters(kafka: Kafka, adapt: (cluster: Cluster) => void): Kafka {
  let create: symbol | undefined;
  for (let one: object | null = kafka; one && !create; one = Object.getPrototypeOf(one) as object | null)
    create = Object.getOwnPropertySymbols(one).find(
      ({ description }) => description === 'private:Kafka:createCluster',
    );
  if (!create) throw new Error('this version of kafkajs is not known: Claimline works with kafkajs 2.2');
  const original = (kafka as unknown as Record<symbol, (options: object) => Cluster>)[create]!;
  const value = (options: object) => {
    const cluster = original(options);
    adapt(cluster);
    return cluster;
  };
  return Object.create(kafka, { [create]: { value } }) as Kafka;
}
