// Preloaded (--import) into a service that a test has started: the service dies with whoever holds the other end of its
// standard input, even where that one is killed with -9. Its threads preload this too, and have no such input.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.stdin.on('error', () => {});
  process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL'));
  process.stdin.resume();
  process.stdin.unref?.();
}
