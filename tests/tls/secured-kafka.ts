import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster, type Cluster } from '../support/kafka/cluster.js';
import { kafkaJars } from '../support/kafka/jars.js';
import { nodeProperties } from '../support/kafka/node-properties.js';
import { freePort } from '../support/kafka/ports.js';
import type { Certificate } from './certificates.js';

export interface SecuredKafka {
  /** TLS, where clients show a certificate. */
  ssl: string;
  /** TLS, where clients give a name and a password: PLAIN or SCRAM-SHA-512. */
  saslSsl: string;
  cluster: Cluster;
}

export const USER = { name: 'desk', password: 'tell-nobody' };

/** A broker with two secured listeners, beside the plain one by which it is started. */
export async function startSecuredKafka(
  folder: string,
  server: Certificate,
  ca: string,
): Promise<SecuredKafka> {
  const [plain, controller, ssl, saslSsl] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const at = (port: number) => `127.0.0.1:${port}`;
  const listeners = `PLAINTEXT://${at(plain)},SSL://${at(ssl)},SASL_SSL://${at(saslSsl)}`;
  const properties = {
    'controller.quorum.voters': `1@${at(controller)}`,
    listeners: `${listeners},CONTROLLER://${at(controller)}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': server.both,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config':
      'org.apache.kafka.common.security.plain.PlainLoginModule required ' +
      `user_${USER.name}="${USER.password}";`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  await formatWithUser(folder, plain, controller, properties);
  const cluster = await startCluster({ folder, ports: [plain], heapMb: 256, properties });
  return { ssl: at(ssl), saslSsl: at(saslSsl), cluster };
}

/**
 * SCRAM users are stored in the cluster, and are added when it is formatted: kafkajs has no request for it, and startCluster
 * keeps an existing cluster.
 */
async function formatWithUser(
  folder: string,
  port: number,
  controllerPort: number,
  properties: Record<string, string>,
): Promise<void> {
  const place = { id: 1, port, controllerPort };
  const file = join(folder, 'format.properties');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, nodeProperties(place, [place], join(folder, 'broker-1'), properties));
  const user = `SCRAM-SHA-512=[name=${USER.name},password=${USER.password}]`;
  const args = ['format', '--cluster-id', 'TLS-AAAAAAAAAAAAAAAAAA', '--config', file, '--add-scram', user];
  const { status, stdout, stderr } = spawnSync(
    'java',
    ['-XX:TieredStopAtLevel=1', '-cp', join(await kafkaJars(), '*'), 'kafka.tools.StorageTool', ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`Kafka cannot be formatted: ${stdout}${stderr}`);
}
