import { chmodSync, chownSync, copyFileSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppModule } from '#apps/cli/src/app.module.js';
import { PARTS } from '#libs/service';
import { startService } from '#modules/service';
import {
  createKafka,
  createLogger,
  createPool,
  type EmbeddedPostgres,
  readSettings,
  startEmbeddedPostgres,
} from '#libs/platform';
import { ReliableProducer, topicsOf } from '#libs/messaging';
import { describeOwnKafka } from '../support/kafka/test-broker.js';
import { Authority, canMakeCertificates, type Certificate } from './certificates.js';
import { startSecuredKafka, USER, type SecuredKafka } from './secured-kafka.js';

const log = createLogger('silent');
const STATEMENT = {
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'north' },
  location: { name: 'Millbridge' },
  speaker: { name: 'A made-up general', party: 'north' },
  statedAt: '2025-11-20',
};

/** The embedded server, with TLS switched on as an administrator would. */
async function secure(server: EmbeddedPostgres, dataDir: string, { cert, key }: Certificate): Promise<void> {
  const folder = realpathSync(join(dataDir, 'postgres'));
  const { uid, gid } = statSync(folder);
  for (const [from, to] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    copyFileSync(from, join(folder, to));
    chmodSync(join(folder, to), 0o600);
    chownSync(join(folder, to), uid, gid);
  }
  const pool = createPool(server.url, { max: 1 });
  await pool.query('alter system set ssl = on');
  await pool.query('select pg_reload_conf()');
  await pool.end();
}

(canMakeCertificates() ? describeOwnKafka : describe.skip)('TLS', () => {
  let folder: string;
  let authority: Authority;
  let other: Authority;
  let postgres: EmbeddedPostgres;
  let kafka: SecuredKafka;

  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'tls-'));
    chmodSync(folder, 0o755);
    authority = new Authority(folder, 'authority');
    other = new Authority(folder, 'other-authority');
    postgres = await startEmbeddedPostgres({ dataDir: folder, durable: false, tls: true });
    await secure(postgres, folder, authority.issue('database', 'DNS:localhost'));
    kafka = await startSecuredKafka(
      join(folder, 'kafka'),
      authority.issue('broker', 'IP:127.0.0.1'),
      authority.ca,
    );
  }, 60_000);

  afterAll(async () => {
    await kafka?.cluster.kill();
    await postgres?.stop();
  });

  const databaseUrl = (ca: string, host = 'localhost') => {
    const url = new URL(postgres.url);
    url.hostname = host;
    url.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: ca }).toString();
    return url.href;
  };
  const withClientCertificate = () => {
    const { cert, key } = authority.issue('client');
    return {
      KAFKA_BROKERS: kafka.ssl,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: authority.ca,
      KAFKA_SSL_CERT: cert,
      KAFKA_SSL_KEY: key,
    };
  };
  const withPassword = (mechanism: string, password = USER.password) => ({
    KAFKA_BROKERS: kafka.saslSsl,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA: authority.ca,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: USER.name,
    KAFKA_SASL_PASSWORD: password,
  });

  test('the whole service over it: from a message to a state', async () => {
    const settings = readSettings({
      DATABASE_URL: databaseUrl(authority.ca),
      PORT: '0',
      SHARDS: '2',
      ...withPassword('scram-sha-512'),
    });
    const service = await startService(AppModule.of(PARTS), PARTS, settings, log);
    try {
      const producer = new ReliableProducer(createKafka(settings.kafka!, log));
      await producer.send(topicsOf().statements, [{ value: JSON.stringify(STATEMENT) }]);
      await producer.close();
      const states = async () =>
        (
          (await (await fetch(`${service.url}/v1/locations`)).json()) as {
            items: { name: string; status: string }[];
          }
        ).items;
      while ((await states()).length === 0) await sleep(50);
      expect(await states()).toEqual([expect.objectContaining({ name: 'Millbridge', status: 'claimed' })]);
      expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
      const pool = createPool(postgres.url, { max: 1 });
      const { rows } = await pool.query(
        `select ssl, count(*) > 3 as several from pg_stat_ssl join pg_stat_activity using (pid)
         where backend_type = $1 and pid <> pg_backend_pid() group by ssl`,
        ['client backend'],
      );
      await pool.end();
      expect(rows).toEqual([{ ssl: true, several: true }]);
    } finally {
      await service.stop();
    }
  }, 30_000);

  const topicsWith = async (env: Record<string, string>) => {
    const admin = createKafka(readSettings(env).kafka!, log).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  };

  test('Kafka lets in who shows a certificate or says the password, and nobody else', async () => {
    await expect(topicsWith(withClientCertificate())).resolves.toBeDefined();
    await expect(topicsWith(withPassword('plain'))).resolves.toBeDefined();
    await expect(topicsWith(withPassword('scram-sha-512'))).resolves.toBeDefined();
    await expect(topicsWith(withPassword('plain', 'a guess'))).rejects.toThrow(/Authentication failed/);
    await expect(topicsWith(withPassword('scram-sha-512', 'a guess'))).rejects.toThrow(/[Aa]uthentication/);
    const { KAFKA_SSL_CERT: _cert, KAFKA_SSL_KEY: _key, ...without } = withClientCertificate();
    await expect(topicsWith(without)).rejects.toThrow(/certificate/);
  });

  test('a server that nobody trusted vouches for, or that has another name, is not talked to', async () => {
    await expect(topicsWith({ ...withPassword('plain'), KAFKA_SSL_CA: other.ca })).rejects.toThrow(
      /certificate/,
    );
    const starting = (url: string) =>
      startService(AppModule.of(['api']), ['api'], readSettings({ DATABASE_URL: url, PORT: '0' }), log);
    await expect(starting(databaseUrl(other.ca))).rejects.toThrow(/certificate/);
    await expect(starting(databaseUrl(authority.ca, '127.0.0.1'))).rejects.toThrow(/altnames/);
  });
});
