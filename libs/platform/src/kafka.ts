import { readFileSync } from 'node:fs';
import { Kafka, logLevel, type logCreator } from 'kafkajs';
import type { Logger } from './logs.js';
import type { KafkaSettings } from './settings.js';

/**
 * A client of the brokers that the settings name; no connection is made here. It gives up soon, for the loops around it
 * go on: with kafkajs' own times a broker that is back after 3 s is found after 18.
 * @throws Error that names the setting whose file cannot be read
 */
export function createKafka({ brokers, ssl, sasl }: KafkaSettings, log: Logger): Kafka {
  return new Kafka({
    clientId: 'claimline',
    brokers,
    ssl: ssl && {
      ...pem('ca', 'KAFKA_SSL_CA', ssl.ca),
      ...pem('cert', 'KAFKA_SSL_CERT', ssl.cert),
      ...pem('key', 'KAFKA_SSL_KEY', ssl.key),
    },
    // The mechanisms differ in kafkajs' types only.
    ...(sasl && { sasl: sasl as { mechanism: 'plain'; username: string; password: string } }),
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    logCreator: logsOf(log),
  });
}

function pem(field: 'ca' | 'cert' | 'key', setting: string, file: string | undefined) {
  if (file === undefined) return {};
  try {
    return { [field]: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new Error(`${setting} ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Of one kind of message no more than this is logged at a time: kafkajs repeats itself with each attempt. */
const QUIET_MS = 60_000;
/** Warned of with each producer, and meant: who sends goes on by itself (docs/decisions/019-acknowledged-means-in-the-topic.md). */
const MEANT = 'Limiting retries for the idempotent producer';

/**
 * kafkajs logs as errors what it tries again: a connection refused, a coordinator that is loading. What comes of it is told
 * by whoever gave it the work, so here it is a warning now and then, and the rest is for debugging.
 */
function logsOf(log: Logger): logCreator {
  const said = new Map<string, number>();
  return () =>
    ({
      level,
      namespace,
      log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...details },
    }) => {
      const kind = namespace || 'kafka';
      const now = Date.now();
      const loud =
        (level === logLevel.ERROR || level === logLevel.WARN) &&
        !message.startsWith(MEANT) &&
        now - (said.get(kind) ?? 0) > QUIET_MS;
      if (loud) said.set(kind, now);
      log[loud ? 'warn' : 'debug']({ kafka: kind, ...details }, message);
    };
}
