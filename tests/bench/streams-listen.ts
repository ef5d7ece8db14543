// A process of its own that opens live streams and measures the delay of each claim: from the moment its statement was due
// (`by` says when: streams-post.ts) until it has come, on every stream. Arguments: the URL, how many streams, how many seconds,
// and from which of these on delays count.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figure.js';

const [url, count, seconds, warmUp] = process.argv.slice(2) as [string, string, string, string];
const { hostname, port } = new URL(url);
const MARK = Buffer.from('"by":"due-');
/** The mark and the milliseconds after it. */
const LENGTH = MARK.length + 13;
const countsFrom = Date.now() + Number(warmUp) * 1000;
const delays: number[] = [];
let bytes = 0;

function listen(): Socket {
  const socket = connect(Number(port), hostname, () =>
    socket.write('GET /v1/stream HTTP/1.1\r\nhost: bench\r\n\r\n'),
  );
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const now = Date.now();
    let end = 0;
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, end)) {
      if (at + LENGTH > text.length) break;
      end = at + LENGTH;
      const due = Number(text.toString('latin1', at + MARK.length, end));
      if (due >= countsFrom) delays.push(now - due);
    }
    bytes += chunk.length;
    rest = text.subarray(Math.max(end, text.length - LENGTH));
  });
  return socket;
}

const sockets = Array.from({ length: Number(count) }, listen);
await sleep(Number(seconds) * 1000);
for (const socket of sockets) socket.destroy();
console.log(
  JSON.stringify({
    claims: delays.length,
    megabytes: bytes / 1e6,
    p50: delays.length > 0 ? quantile(delays, 0.5) : 0,
    p99: delays.length > 0 ? quantile(delays, 0.99) : 0,
  }),
);
