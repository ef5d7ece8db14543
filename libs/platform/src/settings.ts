import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything Claimline takes from its environment, checked. Nothing else reads `process.env`. */
export interface Settings {
  /** HOST: the address the HTTP server listens on. */
  host: string;
  /** PORT: 0 lets the system pick a free one. */
  port: number;
  /** DATA_DIR: folder of the embedded PostgreSQL, as given (a relative one is meant from the working directory). */
  dataDir: string;
  /** DATABASE_URL: a PostgreSQL of the user's own; without it the embedded one is used. */
  databaseUrl?: string | undefined;
  /** SHARDS: how many shards a new store gets; an existing store keeps its own number. */
  shards: number;
  /** RULESET_FILE: a ruleset in place of the built-in one. */
  rulesetFile?: string | undefined;
  /** GAZETTEER_FILE: places to register. */
  gazetteerFile?: string | undefined;
  /** LOG_LEVEL: the least severe level that is logged. */
  logLevel: LogLevel;
}

/** One or more environment variables hold wrong values; `message` names every one of them. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

function wholeNumber(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.string().regex(/^\d{1,9}$/, { error, abort: true }).transform(Number).pipe(z.number({ error }).min(from, { error }).max(to, { error }));
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}

const schema = z.object({
  HOST: z.string().regex(/^\S+$/, 'must be a host name or an address').default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z.string().refine(isPostgresUrl, 'must look like postgresql://user:password@host:5432/database').optional(),
  SHARDS: wholeNumber(1, 1024).default(16),
  RULESET_FILE: z.string().optional(),
  GAZETTEER_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

// A URL may hold a password, and error messages end up in logs.
const SECRET = new Set(['DATABASE_URL']);

function describe(issue: z.core.$ZodIssue, env: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0]);
  return SECRET.has(name) ? `  ${name} ${issue.message}` : `  ${name} ${issue.message}, but is ${JSON.stringify(env[name])}`;
}

/**
 * Checks the given environment variables and fills in defaults. An empty variable counts as unset.
 * @throws SettingsError that names all wrong values at once.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => describe(issue, given));
    throw new SettingsError(`${lines.length === 1 ? 'A setting is' : `${lines.length} settings are`} wrong:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    shards: values.SHARDS,
    rulesetFile: values.RULESET_FILE,
    gazetteerFile: values.GAZETTEER_FILE,
    logLevel: values.LOG_LEVEL,
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
