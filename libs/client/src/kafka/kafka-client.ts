import { Kafka } from 'kafkajs';
import type { KafkaTarget } from '../target.js';

/**
 * A client of the brokers; no connection is made here. It gives up soon and logs nothing: the loops around it retry and
 * report errors.
 */
export const createKafka = ({ brokers, ssl, sasl }: KafkaTarget): Kafka =>
  new Kafka({
    clientId: 'claimline-client',
    brokers: [...brokers],
    ...(ssl !== undefined && { ssl }),
    // The mechanisms differ in kafkajs' types only.
    ...(sasl && { sasl: sasl as { mechanism: 'plain'; username: string; password: string } }),
    connectionTimeout: 3000,
    authenticationTimeout: 5000,
    requestTimeout: 5000,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 },
    logCreator: () => () => {},
  });
