// Preloaded into the service (node --import): how long each turn of its event loop had the processor. LOOP_PROBE names the socket
// where what was seen since the last time is asked for.
import { openSync, readSync } from 'node:fs';
import { createServer } from 'node:net';

/** What the loop did since the last time. `longest`: milliseconds of processor time of one turn. */
export interface Seen {
  longest: number;
  turns: number;
}

const { LOOP_PROBE } = process.env;
// The processes that the service forks inherit the preload.
if (LOOP_PROBE !== undefined && process.send === undefined) watch(LOOP_PROBE);

function watch(socket: string): void {
  // Of the main thread alone: garbage collection and compiling in other threads hold nobody. It advances with the ticks of the
  // kernel, every 1 to 4 ms.
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(64);
  const cpu = () => Number(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)).split(' ')[0]) / 1e6;
  let seen: Seen = { longest: 0, turns: 0 };
  let before = cpu();
  // An immediate without a reference is called once in each turn, and does not keep the loop from waiting.
  const turn = () => {
    const now = cpu();
    seen = { longest: Math.max(seen.longest, now - before), turns: seen.turns + 1 };
    before = now;
    setImmediate(turn).unref();
  };
  turn();
  createServer((asking) => {
    asking.on('error', () => {});
    asking.end(JSON.stringify(seen));
    seen = { longest: 0, turns: 0 };
  })
    .listen(socket)
    .unref();
}
