import type { ConnectionOptions } from 'node:tls';

/** A service over HTTP. */
export interface HttpTarget {
  /** The URL of the service: http://127.0.0.1:3000, with a path where a proxy needs one. */
  url: string;
  /** The key, sent as `Authorization: Bearer` (default: the environment's CLAIMLINE_KEY); not where `headers` have an authorization. */
  key?: string;
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

/** @throws TypeError where it is not one of the two, or its URL or its key is invalid */
export function checkTarget(target: Target): void {
  const { url, brokers } = target;
  if ((url === undefined) === (brokers === undefined))
    throw new TypeError('give either url, for HTTP, or brokers, for Kafka');
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw new TypeError(`url must be an http or https URL, but is "${url}"`);
  if (target.url !== undefined) void authorizationOf(target);
  if (brokers !== undefined && (!Array.isArray(brokers) || brokers.length === 0))
    throw new TypeError('brokers must name at least one, as host:port');
}

/** Any text that a header takes: the service knows what a key looks like. */
const KEY = /^[\x21-\x7e]{1,500}$/;

/** The header with the key of a service; none without a key, or where the headers have another authorization. */
export function authorizationOf({ key = process.env.CLAIMLINE_KEY ?? '', headers = {} }: HttpTarget): {
  authorization?: string;
} {
  // From a file it comes with the end of its line.
  const text = key.trim();
  if (text === '' || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) return {};
  if (!KEY.test(text))
    throw new TypeError(
      'key must be one word, as `claimline keys create` prints it, but has other characters',
    );
  return { authorization: `Bearer ${text}` };
}
