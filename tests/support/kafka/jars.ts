import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const POM = resolve('tests/support/kafka/pom.xml');
const CACHE = resolve('.cache/kafka');

const version = () => /<kafka\.version>([^<]+)</.exec(readFileSync(POM, 'utf8'))![1]!;
const home = () => join(CACHE, version());

export function hasJars(): boolean {
  return existsSync(home());
}

/**
 * The folder with the jars of a broker, as pom.xml says; fetched at the first time, which takes ten seconds or so.
 * @throws Error with Maven's words when they cannot be fetched
 */
export const kafkaJars = (): Promise<string> => jarsOf(POM, home());

/** The jars that a pom names, in a folder that is made at the first time. @throws Error with Maven's words when they cannot be fetched */
export async function jarsOf(pom: string, folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  // Fetched beside it and renamed when all are there: what is half done never passes for done, and of two processes
  // that fetch at once each has a folder of its own.
  const draft = mkdtempSync(join(dirname(folder), 'fetching-'));
  try {
    await maven([
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${draft}`,
      '-DincludeScope=runtime',
    ]);
    chmodSync(draft, 0o755);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function maven(args: string[]): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn('mvn', ['-q', '-B', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += String(chunk)));
    child.on('error', (error) => reject(new Error(`Maven cannot be run: ${error.message}`)));
    child.on('close', (code) =>
      code === 0
        ? done()
        : reject(new Error(`Maven could not fetch the jars:\n${output.trim().slice(-3000)}`)),
    );
  });
}
