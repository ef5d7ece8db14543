// A process of its own: posts statements at a fixed rate, whatever the answers take, and after each asks for the state of
// its place with `after`. Arguments: the URL, statements a second, how many to leave out at first, a file of statements.
import { readFileSync } from 'node:fs';
import { quantile } from './figure.js';
import { getRequest, postRequest, Wire } from './wire.js';

const [url, rate, warmUp, file] = process.argv.slice(2) as [string, string, string, string];
const requests = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((body) => postRequest('/v1/statements', body));
const wires = await Promise.all(Array.from({ length: 192 }, () => Wire.open(url)));
const idle = [...wires];
const queue: ((wire: Wire) => void)[] = [];
const acknowledged: number[] = [];
const visible: number[] = [];

async function ask(request: Buffer) {
  const wire = idle.pop() ?? (await new Promise<Wire>((resolve) => queue.push(resolve)));
  const answer = await wire.ask(request);
  const next = queue.shift();
  if (next) next(wire);
  else idle.push(wire);
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return answer;
}

/** @param due when it should have been sent: what makes it wait counts */
async function follow(request: Buffer, due: number, counts: boolean): Promise<void> {
  const { locationId, token, position } = JSON.parse((await ask(request)).body) as {
    locationId: string;
    token: string;
    position: number;
  };
  const posted = performance.now();
  const state = JSON.parse((await ask(getRequest(`/v1/locations/${locationId}?after=${token}`))).body) as {
    token: string;
  };
  const reached = state.token.split(',').some((part) => Number(part.split(':')[1]) >= position);
  if (!reached) throw new Error(`the state of ${locationId} has ${state.token}, and not yet ${token}`);
  if (!counts) return;
  acknowledged.push(posted - due);
  visible.push(performance.now() - due);
}

let cpu = process.cpuUsage();
const begin = performance.now();
const under: Promise<void>[] = [];
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(requests.length, Math.floor(((performance.now() - begin) * Number(rate)) / 1000));
    while (under.length < due)
      under.push(
        follow(
          requests[under.length]!,
          begin + (under.length * 1000) / Number(rate),
          under.length >= Number(warmUp),
        ),
      );
    if (under.length < requests.length) return;
    clearInterval(timer);
    resolve();
  }, 1);
});
await Promise.all(under);
const seconds = (performance.now() - begin) / 1000;
cpu = process.cpuUsage(cpu);
for (const wire of wires) wire.close();
const of = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: Math.max(...values),
});
console.log(
  JSON.stringify({
    perSecond: requests.length / seconds,
    acknowledged: of(acknowledged),
    visible: of(visible),
    // Whether it falls behind.
    visibleAtLast: of(visible.slice((visible.length * 2) / 3)),
    cpuUs: (cpu.user + cpu.system) / requests.length,
  }),
);
