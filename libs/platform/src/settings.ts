import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { isAddressOrNetwork } from './addresses.js';
import { BROWSER_PAIRS, type BrowserSettings, browserSchema, browsersOf } from './browser-settings.js';
import { hidePassword, hideSecret } from './secrets.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

const OPEN = ['read', 'all'] as const;

/** The validated settings from the environment. Nothing else reads `process.env`. */
export interface Settings {
  /** HOST: the address the HTTP server listens on. */
  host: string;
  /** OPEN: what everybody may do without a key (default: everything on a loopback address until there is a key, else nothing). */
  open?: (typeof OPEN)[number] | undefined;
  /** PORT: 0 lets the system pick a free one (default: 3000 for the API, a free one for processes without it). */
  port?: number | undefined;
  /** DATA_DIR: folder of the embedded PostgreSQL, as given (relative to the working directory). */
  dataDir: string;
  /** DATABASE_URL: a PostgreSQL of the user's own; without it the embedded one is used. */
  databaseUrl?: string | undefined;
  /** SHARDS: how many shards a new store gets; an existing store keeps its own number. */
  shards: number;
  /** RULESET_FILE: a ruleset in place of the built-in one. */
  rulesetFile?: string | undefined;
  /** GAZETTEER_FILE: places to register. */
  gazetteerFile?: string | undefined;
  /**
   * BASEMAP: the map that the page draws places on: `ukraine`, `world`, or a file of `apps/web/basemap/build.mjs` (default: that of
   * the built-in ruleset's region; `world` with a RULESET_FILE).
   */
  basemap: string;
  /** CHECKPOINT_KEY_FILE: a private Ed25519 key in PEM form that signs checkpoints; none: they are not signed. */
  checkpointKeyFile?: string | undefined;
  /**
   * SEEN_FILE: keeps what was seen of the log, outside of the database, so that files of the database that are put back are noticed
   * (default: `seen.json` in the data folder of an embedded database; none for another).
   */
  seenFile?: string | undefined;
  /** KAFKA_*: the brokers to work with; none: no broker. */
  kafka?: KafkaSettings | undefined;
  /**
   * PROJECTOR_PROCESS: whether `claimline start`, without parts, runs the projector in a process of its own (default: where
   * there is more than one core).
   */
  projectorProcess?: boolean | undefined;
  /** ALLOWED_HOSTS, CORS_ORIGINS, PUBLIC_URL, OIDC_*. */
  browsers: BrowserSettings;
  /** LOG_LEVEL: the least severe level that is logged. */
  logLevel: LogLevel;
  /** RATE_LIMIT_*, MAX_STREAMS*: how much each client, and all together, may ask for. */
  limits: RequestLimits;
  /** TRUST_PROXY: the proxies whose X-Forwarded-For is believed: addresses, networks, or `loopback`; none: nobody's is. */
  trustProxy?: string[] | undefined;
  /** METRICS_PORT and METRICS_HOST: where metrics are served instead of beside the API, or beside health. */
  metrics?: { host: string; port: number } | undefined;
  /** OTEL_*: where traces are sent; undefined: nowhere, and OpenTelemetry is not loaded. */
  tracing?: TracingSettings | undefined;
}

/** Limits of requests over HTTP. A client is a key, or the address of a request without one. */
export interface RequestLimits {
  /**
   * RATE_LIMIT_KEY and RATE_LIMIT_ADDRESS: requests a second, on average over ten; 0: no limit (default: 1,000 of a key and 200 of
   * an address; no limit on a loopback address that no proxy stands before, which the server of the API finds out).
   */
  rates: { key?: number | undefined; address?: number | undefined };
  /** MAX_STREAMS: answers of any length at once, in this process (default 1,000). */
  streams: number;
  /** MAX_STREAMS_PER_CLIENT: those of one client (default 100; as many as there may be on such a loopback address). */
  streamsOfClient?: number | undefined;
  /** MAX_EXPORTS: exports over HTTP at once, in this process (default 8). */
  exports: number;
  /** MAX_MAP_PLACES: places in one answer of the map, and places folded for one of a past moment (default 20,000). */
  mapPlaces: number;
  /** MAX_MAP_CHANGES: changes in one answer of the map (default 100,000). */
  mapChanges: number;
}

/** The names are those of OpenTelemetry. */
export interface TracingSettings {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the URL of a collector that takes OTLP over HTTP, without /v1/traces. */
  endpoint: string;
  /** OTEL_EXPORTER_OTLP_HEADERS: headers of each request to it, a key of the collector for instance. */
  headers: Record<string, string>;
  /** OTEL_SERVICE_NAME. */
  serviceName: string;
  /** OTEL_TRACES_SAMPLER_ARG: the share of the traces begun here that is kept, from 0 to 1 (default: all). */
  ratio?: number | undefined;
  /** OTEL_BSP_SCHEDULE_DELAY: for how long spans are gathered before they are sent, in milliseconds. */
  delayMs: number;
}

export interface KafkaSettings {
  /** KAFKA_BROKERS: host:port of the first brokers to contact. */
  brokers: string[];
  /** KAFKA_PREFIX: the prefix of topics and consumer groups. */
  prefix: string;
  /** KAFKA_PRODUCERS_TRUSTED: events name who a header of their message says sends it (default: they name the topic). */
  producersTrusted?: boolean | undefined;
  /** KAFKA_SSL, with KAFKA_SSL_CA, KAFKA_SSL_CERT and KAFKA_SSL_KEY: files in PEM form. */
  ssl: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | false;
  /** KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD. */
  sasl?: { mechanism: SaslMechanism; username: string; password: string } | undefined;
}

/** One or more environment variables have wrong values; `message` names all of them. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

function wholeNumber(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number({ error }).min(from, { error }).max(to, { error }));
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}

const isWebUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** As W3C Baggage writes it, and OpenTelemetry takes it: name=value, several joined by commas; values are URL-encoded. */
function headersOf(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      headers[name] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return headers;
}

const share = (error = 'must be a number from 0 to 1') =>
  z
    .string()
    .regex(/^(?:0|1|0?\.\d{1,9}|1\.0+)$/, error)
    .transform(Number);

const trueOrFalse = z.enum(['true', 'false'], { error: 'must be true or false' });

const BROKERS = /^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/;

const schema = z.object({
  HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').default('127.0.0.1'),
  OPEN: z.enum(OPEN, { error: 'must be read or all' }).optional(),
  PORT: wholeNumber(0, 65_535).optional(),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'must look like postgresql://user:password@host:5432/database')
    .optional(),
  SHARDS: wholeNumber(1, 1024).default(16),
  RULESET_FILE: z.string().optional(),
  GAZETTEER_FILE: z.string().optional(),
  BASEMAP: z
    .string()
    .regex(/^(?:ukraine|world|.+[.]json)$/, 'must be ukraine, world, or a file that ends in .json')
    .optional(),
  CHECKPOINT_KEY_FILE: z.string().optional(),
  SEEN_FILE: z.string().optional(),
  KAFKA_BROKERS: z.string().regex(BROKERS, 'must be host:port, several joined by commas').optional(),
  KAFKA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be letters, digits, ".", "_" or "-", at most 100')
    .default('claimline'),
  KAFKA_PRODUCERS_TRUSTED: trueOrFalse.optional(),
  KAFKA_SSL: trueOrFalse.default('false'),
  KAFKA_SSL_CA: z.string().optional(),
  KAFKA_SSL_CERT: z.string().optional(),
  KAFKA_SSL_KEY: z.string().optional(),
  KAFKA_SASL_MECHANISM: z
    .enum(SASL_MECHANISMS, { error: `must be one of ${SASL_MECHANISMS.join(', ')}` })
    .optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  PROJECTOR_PROCESS: trueOrFalse.transform((text) => text === 'true').optional(),
  RATE_LIMIT_KEY: wholeNumber(0, 1_000_000).optional(),
  RATE_LIMIT_ADDRESS: wholeNumber(0, 1_000_000).optional(),
  MAX_STREAMS: wholeNumber(1, 100_000).default(1000),
  MAX_STREAMS_PER_CLIENT: wholeNumber(1, 100_000).optional(),
  MAX_EXPORTS: wholeNumber(1, 1000).default(8),
  MAX_MAP_PLACES: wholeNumber(1, 200_000).default(20_000),
  MAX_MAP_CHANGES: wholeNumber(1, 1_000_000).default(100_000),
  TRUST_PROXY: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isAddressOrNetwork), {
      error: 'must be addresses or networks (10.0.0.0/8), or "loopback", joined by commas',
    })
    .optional(),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  METRICS_HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').optional(),
  ...browserSchema,
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isWebUrl, 'must look like http://localhost:4318 (OTLP over HTTP)')
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .refine((text) => headersOf(text) !== undefined, 'must be name=value, several joined by commas')
    .optional(),
  OTEL_SERVICE_NAME: z.string().max(200, 'must have at most 200 characters').default('claimline'),
  OTEL_TRACES_SAMPLER_ARG: share().optional(),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(1, 60_000).default(5000),
});

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape);

/** Settings that go together: the first needs the second. */
const PAIRS: [given: string, needed: string][] = [
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'],
  ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD'],
  ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM'],
  ['KAFKA_SASL_PASSWORD', 'KAFKA_SASL_MECHANISM'],
  ['KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'],
  ['KAFKA_SSL_KEY', 'KAFKA_SSL_CERT'],
  ['METRICS_HOST', 'METRICS_PORT'],
  ...BROWSER_PAIRS,
];
const OF_SSL = ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'];
const OF_KAFKA = ['KAFKA_SASL_MECHANISM', 'KAFKA_PRODUCERS_TRUSTED', ...OF_SSL];

function missingPairs(env: NodeJS.ProcessEnv): string[] {
  const lines = PAIRS.filter(([given, needed]) => env[given] !== undefined && env[needed] === undefined).map(
    ([given, needed]) => `  ${needed} is needed with ${given}`,
  );
  lines.push(
    ...OF_SSL.filter((name) => env[name] !== undefined && env.KAFKA_SSL !== 'true').map(
      (name) => `  ${name} is given, but KAFKA_SSL is not true`,
    ),
  );
  if (env.KAFKA_BROKERS === undefined)
    lines.push(
      ...OF_KAFKA.filter((name) => env[name] !== undefined).map(
        (name) => `  ${name} is given, but no KAFKA_BROKERS`,
      ),
    );
  return [...new Set(lines)];
}

/** The settings that hold secrets (a URL may hold a password): no message quotes them, because messages end up in logs. */
export const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'KAFKA_SASL_PASSWORD',
  'OIDC_CLIENT_SECRET',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

function describe(issue: z.core.$ZodIssue, env: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0]);
  return SECRET_SETTINGS.has(name)
    ? `  ${name} ${issue.message}`
    : `  ${name} ${issue.message}, but is ${JSON.stringify(env[name])}`;
}

/**
 * Checks the given environment variables and fills in defaults. An empty variable counts as unset.
 * @throws SettingsError that names all wrong values at once.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  const lines = [
    ...(parsed.error?.issues.map((issue) => describe(issue, given)) ?? []),
    ...missingPairs(given),
  ];
  if (!parsed.success || lines.length > 0)
    throw new SettingsError(
      `${lines.length === 1 ? 'A setting is' : `${lines.length} settings are`} wrong:\n${lines.join('\n')}`,
    );
  const values = parsed.data;
  hidePassword(values.DATABASE_URL ?? '');
  hideSecret(values.KAFKA_SASL_PASSWORD ?? '');
  hideSecret(values.OIDC_CLIENT_SECRET ?? '');
  for (const header of Object.values(headersOf(values.OTEL_EXPORTER_OTLP_HEADERS ?? '') ?? {}))
    hideSecret(header);
  return {
    host: values.HOST,
    open: values.OPEN,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    shards: values.SHARDS,
    rulesetFile: values.RULESET_FILE,
    gazetteerFile: values.GAZETTEER_FILE,
    basemap: values.BASEMAP ?? (values.RULESET_FILE === undefined ? 'ukraine' : 'world'),
    checkpointKeyFile: values.CHECKPOINT_KEY_FILE,
    seenFile: values.SEEN_FILE,
    kafka: kafkaOf(values),
    projectorProcess: values.PROJECTOR_PROCESS,
    browsers: browsersOf(values),
    logLevel: values.LOG_LEVEL,
    limits: {
      rates: { key: values.RATE_LIMIT_KEY, address: values.RATE_LIMIT_ADDRESS },
      streams: values.MAX_STREAMS,
      streamsOfClient: values.MAX_STREAMS_PER_CLIENT,
      exports: values.MAX_EXPORTS,
      mapPlaces: values.MAX_MAP_PLACES,
      mapChanges: values.MAX_MAP_CHANGES,
    },
    trustProxy: values.TRUST_PROXY,
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : { host: values.METRICS_HOST ?? LOOPBACK, port: values.METRICS_PORT },
    tracing: tracingOf(values),
  };
}

const LOOPBACK = '127.0.0.1';

function tracingOf(values: z.output<typeof schema>): TracingSettings | undefined {
  if (values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined;
  return {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: headersOf(values.OTEL_EXPORTER_OTLP_HEADERS ?? '') ?? {},
    serviceName: values.OTEL_SERVICE_NAME,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
    delayMs: values.OTEL_BSP_SCHEDULE_DELAY,
  };
}

function kafkaOf(values: z.output<typeof schema>): KafkaSettings | undefined {
  if (values.KAFKA_BROKERS === undefined) return undefined;
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = values;
  return {
    brokers: values.KAFKA_BROKERS.split(','),
    prefix: values.KAFKA_PREFIX,
    ...(values.KAFKA_PRODUCERS_TRUSTED === 'true' && { producersTrusted: true }),
    ssl: values.KAFKA_SSL === 'true' && {
      ca: values.KAFKA_SSL_CA,
      cert: values.KAFKA_SSL_CERT,
      key: values.KAFKA_SSL_KEY,
    },
    sasl: mechanism && { mechanism, username: username!, password: password! },
  };
}

/**
 * The settings of this process: `.env` in `folder`, if there is one, overridden by the environment proper.
 * @throws SettingsError as `readSettings` does, or when `.env` exists and cannot be read.
 */
export function loadSettings(folder: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): Settings {
  return readSettings({ ...readDotEnv(join(folder, '.env')), ...env });
}

function readDotEnv(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new SettingsError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
