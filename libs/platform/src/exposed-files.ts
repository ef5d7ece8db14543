import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { SECRET_SETTINGS, type Settings } from './settings.js';

const [OTHERS_READ, OTHERS_WRITE, STICKY] = [0o004, 0o002, 0o1000];
/** A file that only Claimline makes and reads. */
const NOT_OWNER = 0o077;

/**
 * The files with secrets that other users of the machine can read, and a data folder that they can write, as warnings. Nothing is
 * refused: containers are given their secrets as files that everybody in them can read.
 * @param folder that of `.env`
 */
export function exposedFiles(
  { checkpointKeyFile, kafka, databaseUrl, dataDir }: Settings,
  folder: string = process.cwd(),
): string[] {
  // Modes say nothing there.
  if (process.platform === 'win32') return [];
  const key = kafka && kafka.ssl ? kafka.ssl.key : undefined;
  return [
    ...readable('CHECKPOINT_KEY_FILE', checkpointKeyFile, OTHERS_READ),
    ...readable('KAFKA_SSL_KEY', key, OTHERS_READ),
    ...(secretsIn(join(folder, '.env')) ? readable('.env', join(folder, '.env'), OTHERS_READ) : []),
    ...(databaseUrl === undefined ? ofDataFolder(resolve(dataDir)) : []),
  ];
}

function readable(name: string, file: string | undefined, bits: number): string[] {
  return file !== undefined && (modeOf(file) & bits) !== 0
    ? [`${name}: other users of this machine can read ${file}; chmod 600 ${file}`]
    : [];
}

function ofDataFolder(folder: string): string[] {
  const mode = modeOf(folder);
  return [
    ...((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0
      ? [`DATA_DIR: other users of this machine can replace what is in ${folder}; chmod o-w ${folder}`]
      : []),
    ...readable('DATA_DIR', join(folder, 'postgres-password'), NOT_OWNER),
  ];
}

/** The bits of the mode; none where there is no such file. */
const modeOf = (file: string): number => {
  try {
    return statSync(file).mode;
  } catch {
    return 0;
  }
};

function secretsIn(file: string): boolean {
  try {
    const values = parseEnv(readFileSync(file, 'utf8'));
    return [...SECRET_SETTINGS].some((name) => (values[name] ?? '') !== '');
  } catch {
    return false;
  }
}
