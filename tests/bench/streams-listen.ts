// A process of its own that opens live streams and measures the delay of each claim: from the moment its statement was due
// (`by` says when: streams-post.ts) until it has come, on every stream. It ends when each stream has brought all claims.
// Arguments: the URL, how many streams, how many claims each, how many of these to leave out at first, and how many seconds to
// wait at most.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figure.js';

const [url, ...numbers] = process.argv.slice(2) as [string, ...string[]];
const [count, claims, warmUp, seconds] = numbers.map(Number) as [number, number, number, number];
const { hostname, port } = new URL(url);
const MARK = Buffer.from('"by":"due-');
/** The mark and the milliseconds after it. */
const LENGTH = MARK.length + 13;
const delays: number[] = [];
let left = count * claims;
let done = () => {};
const all = new Promise<void>((resolve) => (done = resolve));

function listen(): Socket {
  const socket = connect(Number(port), hostname, () =>
    socket.write('GET /v1/stream HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  );
  let rest: Buffer = Buffer.alloc(0);
  let heard = 0;
  socket.on('data', (chunk) => {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const now = Date.now();
    let end = 0;
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, end)) {
      if (at + LENGTH > text.length) break;
      end = at + LENGTH;
      if (heard++ >= warmUp) delays.push(now - Number(text.toString('latin1', at + MARK.length, end)));
      if (--left === 0) done();
    }
    rest = text.subarray(Math.max(end, text.length - LENGTH));
  });
  return socket;
}

const sockets = Array.from({ length: count }, listen);
await Promise.race([all, sleep(seconds * 1000, undefined, { ref: true })]);
for (const socket of sockets) socket.destroy();
console.log(JSON.stringify({ missing: left, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) }));
process.exit(0);
