import type { ConnectionOptions } from 'node:tls';

/** A service over HTTP. */
export interface HttpTarget {
  /** The URL of the service: http://127.0.0.1:3000, with a path where a proxy needs one. */
  url: string;
  /** Headers of every request, for a proxy in front of the service. */
  headers?: Record<string, string>;
  /** A request fails after this time without data, in milliseconds (default 30,000). */
  requestTimeoutMs?: number;
  brokers?: undefined;
}

/** Topics of Kafka. It needs the package `kafkajs` beside this one. */
export interface KafkaTarget {
  /** host:port of the first brokers to contact. */
  brokers: readonly string[];
  /** The prefix of the topics (default `claimline`). */
  prefix?: string;
  ssl?: boolean | ConnectionOptions;
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  url?: undefined;
}

export type Target = HttpTarget | KafkaTarget;

/** @throws TypeError where it is not one of the two, or its URL is invalid */
export function checkTarget({ url, brokers }: Target): void {
  if ((url === undefined) === (brokers === undefined))
    throw new TypeError('give either url, for HTTP, or brokers, for Kafka');
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw new TypeError(`url must be an http or https URL, but is "${url}"`);
  if (brokers !== undefined && (!Array.isArray(brokers) || brokers.length === 0))
    throw new TypeError('brokers must name at least one, as host:port');
}
