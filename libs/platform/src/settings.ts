import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { hidePassword, hideSecret } from './secrets.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** The validated settings from the environment. Nothing else reads `process.env`. */
export interface Settings {
  /** HOST: the address the HTTP server listens on. */
  host: string;
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
  /** CHECKPOINT_KEY_FILE: a private Ed25519 key in PEM form that signs checkpoints; none: they are not signed. */
  checkpointKeyFile?: string | undefined;
  /** KAFKA_*: the brokers to work with; none: no broker. */
  kafka?: KafkaSettings | undefined;
  /**
   * PROJECTOR_PROCESS: whether `claimline start`, without parts, runs the projector in a process of its own (default: where
   * there is more than one core).
   */
  projectorProcess?: boolean | undefined;
  /** LOG_LEVEL: the least severe level that is logged. */
  logLevel: LogLevel;
}

export interface KafkaSettings {
  /** KAFKA_BROKERS: host:port of the first brokers to contact. */
  brokers: string[];
  /** KAFKA_PREFIX: the prefix of topics and consumer groups. */
  prefix: string;
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

const trueOrFalse = z.enum(['true', 'false'], { error: 'must be true or false' });

const BROKERS = /^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/;

const schema = z.object({
  HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).optional(),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'must look like postgresql://user:password@host:5432/database')
    .optional(),
  SHARDS: wholeNumber(1, 1024).default(16),
  RULESET_FILE: z.string().optional(),
  GAZETTEER_FILE: z.string().optional(),
  CHECKPOINT_KEY_FILE: z.string().optional(),
  KAFKA_BROKERS: z.string().regex(BROKERS, 'must be host:port, several joined by commas').optional(),
  KAFKA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be letters, digits, ".", "_" or "-", at most 100')
    .default('claimline'),
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
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
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
];
const OF_SSL = ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'];
const OF_KAFKA = ['KAFKA_SASL_MECHANISM', ...OF_SSL];

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
export const SECRET_SETTINGS: ReadonlySet<string> = new Set(['DATABASE_URL', 'KAFKA_SASL_PASSWORD']);

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
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    shards: values.SHARDS,
    rulesetFile: values.RULESET_FILE,
    gazetteerFile: values.GAZETTEER_FILE,
    checkpointKeyFile: values.CHECKPOINT_KEY_FILE,
    kafka: kafkaOf(values),
    projectorProcess: values.PROJECTOR_PROCESS,
    logLevel: values.LOG_LEVEL,
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
