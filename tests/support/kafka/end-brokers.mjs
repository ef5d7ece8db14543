// Ends the brokers of a folder, which have left their pids there (broker-<n>.pid). As a program, with the folder as its
// argument, it does so when whoever started it closes the pipe to it, or dies, even by kill -9: a JVM would live on.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Data of servers: thousands of files, and never a broker's pid among them. */
const DATA = /^(postgres|broker-\d+)$/;

/** The brokers that run, found at any depth of the folder. */
export function runningBrokers(folder) {
  return pidFiles(resolve(folder))
    .map(brokerOf)
    .filter((broker) => broker.runs());
}

/** Kills the brokers at any depth of the folder; resolves when they are gone. */
export async function endBrokers(folder) {
  await Promise.all(runningBrokers(folder).map(endBroker));
}

async function endBroker({ pid, runs }) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  for (let waited = 0; waited < 10_000 && runs(); waited += 20) await sleep(20);
}

function pidFiles(folder) {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return DATA.test(entry.name) ? [] : pidFiles(path);
    return /^broker-\d+\.pid$/.test(entry.name) ? [path] : [];
  });
}

/** The number may be another program's by now: ours was started with the path of its properties. */
function brokerOf(pidFile) {
  const pid = pidIn(pidFile);
  return { pid, runs: () => commandOf(pid).includes(pidFile.replace(/pid$/, 'properties')) };
}

function pidIn(pidFile) {
  try {
    return Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return 0;
  }
}

/** Empty where there is no such process, or nobody has collected it yet. */
function commandOf(pid) {
  if (!(pid > 0)) return '';
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It is gone already.
    return [];
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.stdin.resume();
  process.stdin.on('error', () => {});
  process.stdin.once('close', () => void endBrokers(process.argv[2]));
}
