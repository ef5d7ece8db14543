import { readFileSync } from 'node:fs';
import { Kafka, logLevel, type logCreator } from 'kafkajs';
import type { Logger } from './logs.js';
import { hideSecret } from './secrets.js';
import type { KafkaSettings } from './settings.js';

/**
 * A client of the brokers that the settings name; no connection is made here. It gives up soon, because the loops around it
 * retry: with kafkajs' own times a broker that is back after 3 s is found after 18.
 * @throws Error that names the setting whose file cannot be read
 */
export function createKafka({ brokers, ssl, sasl }: KafkaSettings, log: Logger): Kafka {
  if (sasl) hideSecret(sasl.password);
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

/** One kind of message is logged at most once in this time, because kafkajs repeats it with each attempt. */
const LOG_INTERVAL_MS = 60_000;
/** A warning for each producer that is intended: the sender retries (docs/decisions/019-acknowledged-means-in-the-topic.md). */
const MEANT = 'Limiting retries for the idempotent producer';

/**
 * kafkajs logs retried failures as errors: a connection refused, a coordinator that is loading. The caller reports the final
 * result, so here they are an occasional warning, and debug messages otherwise.
 */
function logsOf(log: Logger): logCreator {
  const said = new Map<string, number>();
  return () =>
    ({
      level,
      namespace,
      log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...details },
    }) => {
      const part = namespace || 'kafka';
      const now = Date.now();
      const loud =
        (level === logLevel.ERROR || level === logLevel.WARN) &&
        !message.startsWith(MEANT) &&
        now - (said.get(part) ?? 0) > LOG_INTERVAL_MS;
      if (loud) said.set(part, now);
      log[loud ? 'warn' : 'debug']({ kafka: part, ...details }, message);
    };
}
