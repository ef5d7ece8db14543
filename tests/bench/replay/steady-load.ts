// A process of its own: asks for states at a fixed rate, whatever the answers take, until its input ends; then it prints
// what they took, from the moment each was due. Arguments: the URL, requests a second, how many places there are.
import { Random } from '../../support/random.js';
import { quantile } from '../figure.js';
import { getRequest, Wire } from '../wire.js';

const [url, rate, places] = process.argv.slice(2) as [string, string, string];
const random = new Random(17);
const idle = await Promise.all(Array.from({ length: 64 }, () => Wire.open(url)));
const queue: ((wire: Wire) => void)[] = [];
const took: number[] = [];

async function ask(due: number): Promise<void> {
  // In turns: a connection that is not used for a minute is closed.
  const wire = idle.shift() ?? (await new Promise<Wire>((resolve) => queue.push(resolve)));
  const { status, body } = await wire.ask(
    getRequest(`/v1/locations/war-${random.int(0, Number(places) - 1)}`),
  );
  const next = queue.shift();
  if (next) next(wire);
  else idle.push(wire);
  if (status !== 200) throw new Error(`${status} ${body}`);
  took.push(performance.now() - due);
}

const begin = performance.now();
const under: Promise<void>[] = [];
const timer = setInterval(() => {
  const due = ((performance.now() - begin) * Number(rate)) / 1000;
  while (under.length < due) under.push(ask(begin + (under.length * 1000) / Number(rate)));
}, 1);
console.log('asking');
await new Promise((resolve) => process.stdin.on('end', resolve).resume());
clearInterval(timer);
await Promise.all(under);
for (const wire of idle) wire.close();
console.log(
  JSON.stringify({
    requests: took.length,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    max: took.reduce((most, one) => Math.max(most, one), 0),
  }),
);
