// Preloaded (--import) into a service that a test has started: the service dies with whoever holds the other end of its
// standard input, even where that one is killed with -9.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

// Threads are loaded with it too, and have no standard input of their own.
if (isMainThread) {
  process.stdin.on('error', () => {});
  process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL'));
  process.stdin.resume();
  process.stdin.unref?.();
}
