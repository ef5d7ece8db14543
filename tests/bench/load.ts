// A process of its own that sends requests over some connections, each the next one as soon as it has its answer.
// Arguments: the URL, how many connections, and a file with a request a line: a path to GET (after a tab, what to accept; after
// another, the entity tag that the client has), or JSON to POST as a statement; then perhaps a key to send with each.
import { readFileSync } from 'node:fs';
import { quantile } from './figure.js';
import { getRequest, postRequest, Wire } from './wire.js';

const [url, connections, file, key] = process.argv.slice(2) as [string, string, string, string?];
const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const requests = lines.map((line) => {
  const [path, accept, ifNoneMatch] = line.split('\t') as [string, string?, string?];
  return line.startsWith('/')
    ? getRequest(path, accept, ifNoneMatch, key)
    : postRequest('/v1/statements', line, key);
});
const wires = await Promise.all(Array.from({ length: Number(connections) }, () => Wire.open(url)));
const took: number[] = [];
const left = requests.values();
const begin = performance.now();
await Promise.all(
  wires.map(async (wire) => {
    for (const request of left) {
      const sent = performance.now();
      const { status, body } = await wire.ask(request);
      if (status !== 200 && status !== 201 && status !== 304) throw new Error(`${status} ${body}`);
      took.push(performance.now() - sent);
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
for (const wire of wires) wire.close();
console.log(
  JSON.stringify({
    perSecond: requests.length / seconds,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
  }),
);
