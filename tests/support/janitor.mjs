// Ends the test server and removes its folder when whoever started this closes the pipe to it, or dies: jest can be
// killed with -9 and leaves nothing behind. It takes the server's data folder and the folder to remove.
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder] = process.argv.slice(2);
const data = realpathSync(join(folder, 'postgres'));

process.stdin.resume();
process.stdin.on('error', () => {});
process.stdin.once('close', () => void cleanUp());

async function cleanUp() {
  // As in the file now: the server may have been restarted.
  const pid = serverPid();
  if (pid !== undefined && signal(pid, 'SIGQUIT')) {
    for (let waited = 0; signal(pid, 0) && waited < 10_000; waited += 20) await sleep(20);
  }
  rmSync(data, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function serverPid() {
  try {
    return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
