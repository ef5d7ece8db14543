import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadSettings, readSettings, SETTING_NAMES, SettingsError } from '../src/settings.js';

const inOrder = (a = '', b = '') => (a < b ? -1 : 1);

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error('no error was thrown');
}

const OF_ANSWERS = { exports: 8, mapPlaces: 20_000, mapChanges: 100_000 };

describe('readSettings', () => {
  test('defaults; an empty variable is an unset one', () => {
    const limits = { rates: {}, streams: 1000, ...OF_ANSWERS };
    const browsers = { allowedHosts: [], corsOrigins: [] };
    const expected = {
      host: '127.0.0.1',
      dataDir: './data',
      shards: 16,
      basemap: 'ukraine',
      browsers,
      logLevel: 'info',
      limits,
    };
    expect(readSettings({})).toEqual(expected);
    expect(
      readSettings({
        HOST: '',
        OPEN: '',
        PORT: '',
        DATA_DIR: '',
        DATABASE_URL: '',
        SHARDS: '',
        RULESET_FILE: '',
        GAZETTEER_FILE: '',
        BASEMAP: '',
        CHECKPOINT_KEY_FILE: '',
        SEEN_FILE: '',
        KAFKA_BROKERS: '',
        KAFKA_PREFIX: '',
        PROJECTOR_PROCESS: '',
        RATE_LIMIT_KEY: '',
        RATE_LIMIT_ADDRESS: '',
        MAX_STREAMS: '',
        MAX_STREAMS_PER_CLIENT: '',
        MAX_EXPORTS: '',
        MAX_MAP_PLACES: '',
        MAX_MAP_CHANGES: '',
        TRUST_PROXY: '',
        METRICS_PORT: '',
        METRICS_HOST: '',
        ALLOWED_HOSTS: '',
        OIDC_ISSUER: '',
        LOG_LEVEL: '',
        OTEL_EXPORTER_OTLP_ENDPOINT: '',
        OTEL_EXPORTER_OTLP_HEADERS: '',
        OTEL_SERVICE_NAME: '',
        OTEL_TRACES_SAMPLER_ARG: '',
        OTEL_BSP_SCHEDULE_DELAY: '',
      }),
    ).toEqual(expected);
  });

  test('every variable is read', () => {
    const env = {
      HOST: '::',
      OPEN: 'read',
      PORT: '0',
      DATA_DIR: '/srv/x',
      DATABASE_URL: 'postgres://u:p@h/d',
      SHARDS: '1024',
      RULESET_FILE: 'r.json',
      GAZETTEER_FILE: 'g.csv',
      BASEMAP: 'maps/syria.json',
      CHECKPOINT_KEY_FILE: 'k.pem',
      SEEN_FILE: 's.json',
      PROJECTOR_PROCESS: 'false',
      RATE_LIMIT_KEY: '50',
      RATE_LIMIT_ADDRESS: '0',
      MAX_STREAMS: '300',
      MAX_STREAMS_PER_CLIENT: '3',
      MAX_EXPORTS: '2',
      MAX_MAP_PLACES: '500',
      MAX_MAP_CHANGES: '700',
      TRUST_PROXY: '10.0.0.0/8, ::1,loopback',
      METRICS_PORT: '9464',
      METRICS_HOST: '10.0.0.1',
      LOG_LEVEL: 'debug',
    };
    expect(readSettings(env)).toEqual({
      host: '::',
      open: 'read',
      port: 0,
      dataDir: '/srv/x',
      databaseUrl: 'postgres://u:p@h/d',
      shards: 1024,
      rulesetFile: 'r.json',
      gazetteerFile: 'g.csv',
      basemap: 'maps/syria.json',
      checkpointKeyFile: 'k.pem',
      seenFile: 's.json',
      projectorProcess: false,
      limits: {
        rates: { key: 50, address: 0 },
        streams: 300,
        streamsOfClient: 3,
        exports: 2,
        mapPlaces: 500,
        mapChanges: 700,
      },
      trustProxy: ['10.0.0.0/8', '::1', 'loopback'],
      metrics: { host: '10.0.0.1', port: 9464 },
      browsers: { allowedHosts: [], corsOrigins: [] },
      logLevel: 'debug',
    });
    expect(readSettings({ KAFKA_BROKERS: 'a:9092,b:9093' }).kafka).toEqual({
      brokers: ['a:9092', 'b:9093'],
      prefix: 'claimline',
      ssl: false,
    });
    expect(readSettings({ KAFKA_BROKERS: 'a:9092', KAFKA_PRODUCERS_TRUSTED: 'true' }).kafka).toMatchObject({
      producersTrusted: true,
    });
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example/otlp' };
    expect(readSettings(collector).tracing).toEqual({
      endpoint: collector.OTEL_EXPORTER_OTLP_ENDPOINT,
      headers: {},
      serviceName: 'claimline',
      delayMs: 5000,
    });
    const more = {
      ...collector,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20eA==, x-tenant = desk',
      OTEL_SERVICE_NAME: 'desk',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(readSettings(more).tracing).toMatchObject({
      headers: { authorization: 'Basic eA==', 'x-tenant': 'desk' },
      serviceName: 'desk',
      ratio: 0.25,
    });
    // These may be set for other programs on the machine.
    expect(readSettings({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER_ARG: '1' }).tracing).toBeUndefined();
    const secured = {
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA: 'ca.pem',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'me',
      KAFKA_SASL_PASSWORD: 'hunter2',
    };
    expect(readSettings({ KAFKA_BROKERS: 'a:9092', KAFKA_PREFIX: 'desk-2', ...secured }).kafka).toEqual({
      brokers: ['a:9092'],
      prefix: 'desk-2',
      ssl: { ca: 'ca.pem' },
      sasl: { mechanism: 'scram-sha-512', username: 'me', password: 'hunter2' },
    });
  });

  test('metrics on a port of their own are for this machine', () => {
    expect(readSettings({ METRICS_PORT: '0' }).metrics).toEqual({ host: '127.0.0.1', port: 0 });
  });

  test.each(['10.0.0', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', 'proxy.example.org', '10.0.0.1,', ','])(
    'TRUST_PROXY=%s is refused',
    (TRUST_PROXY) =>
      expect(messageOf(() => readSettings({ TRUST_PROXY }))).toContain('TRUST_PROXY must be addresses'),
  );

  test('settings of Kafka that need each other are named where one is missing', () => {
    const message = messageOf(() =>
      readSettings({
        KAFKA_SASL_PASSWORD: 'hunter2',
        KAFKA_SSL_CERT: 'cert.pem',
        KAFKA_SSL_CA: 'ca.pem',
        KAFKA_BROKERS: 'nowhere',
      }),
    );
    expect(message.split('\n')).toEqual([
      '5 settings are wrong:',
      '  KAFKA_BROKERS must be host:port, several joined by commas, but is "nowhere"',
      '  KAFKA_SASL_MECHANISM is needed with KAFKA_SASL_PASSWORD',
      '  KAFKA_SSL_KEY is needed with KAFKA_SSL_CERT',
      '  KAFKA_SSL_CA is given, but KAFKA_SSL is not true',
      '  KAFKA_SSL_CERT is given, but KAFKA_SSL is not true',
    ]);
    expect(
      messageOf(() =>
        readSettings({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'x' }),
      ),
    ).toContain('KAFKA_SASL_MECHANISM is given, but no KAFKA_BROKERS');
    expect(messageOf(() => readSettings({ KAFKA_PRODUCERS_TRUSTED: 'false' }))).toContain(
      'KAFKA_PRODUCERS_TRUSTED is given, but no KAFKA_BROKERS',
    );
  });

  test('all wrong values are named in one message, passwords are not', () => {
    const message = messageOf(() =>
      readSettings({
        HOST: 'a b',
        PORT: '65536',
        SHARDS: '0',
        DATABASE_URL: 'mysql://me:hunter2@h/d',
        LOG_LEVEL: 'loud',
        DATA_DIR: 'fine',
      }),
    );
    expect(message.split('\n')).toEqual([
      '5 settings are wrong:',
      '  HOST must be a host name or an address, but is "a b"',
      '  PORT must be a whole number from 0 to 65535, but is "65536"',
      '  DATABASE_URL must look like postgresql://user:password@host:5432/database',
      '  SHARDS must be a whole number from 1 to 1024, but is "0"',
      '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, but is "loud"',
    ]);
  });

  test.each(['1025', '-1', '1.5', '1e2', '0x10', ' 8', 'many', '99999999999'])(
    'SHARDS=%s is refused',
    (SHARDS) => {
      expect(messageOf(() => readSettings({ SHARDS }))).toMatch(
        /^A setting is wrong:\n {2}SHARDS must be a whole number from 1 to 1024, but is /,
      );
    },
  );
});

test('BASEMAP: that of the ruleset that ships, or the world with another one', () => {
  expect(readSettings({}).basemap).toBe('ukraine');
  expect(readSettings({ RULESET_FILE: 'r.json' }).basemap).toBe('world');
  expect(readSettings({ RULESET_FILE: 'r.json', BASEMAP: 'ukraine' }).basemap).toBe('ukraine');
  expect(messageOf(() => readSettings({ BASEMAP: 'syria' }))).toMatch(
    'BASEMAP must be ukraine, world, or a file that ends in .json, but is "syria"',
  );
});

test('.env.example names every setting, and no other', () => {
  const named = readFileSync('.env.example', 'utf8').matchAll(/^(?:# )?([A-Z_]+)=/gm);
  expect([...named].map(([, name]) => name).toSorted(inOrder)).toEqual(SETTING_NAMES.toSorted(inOrder));
});

test('loadSettings reads .env, which the environment overrides', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-settings-'));
  try {
    expect(loadSettings(folder, { PORT: '1' })).toMatchObject({ port: 1, shards: 16 });
    writeFileSync(join(folder, '.env'), '# local\nPORT=4000\nSHARDS="8"\n');
    expect(loadSettings(folder, { PORT: '1' })).toMatchObject({ port: 1, shards: 8 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
