import { once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { filled } from '../filled.js';
import type { Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { end, service } from '../served.js';
import type { Seen } from './probe.js';
import { type LoopRequest, PLACES, READS, WRITES } from './requests.js';

const STATEMENTS = 5000;
const MOST_MS = 50;

/** The longest turn of the service's event loop while it answers one large or hostile request, in processor time. */
export async function loop(ground: Ground): Promise<Figure[]> {
  const database = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'loop',
    projected: true,
  });
  const socket = join(ground.folder, 'loop-probe');
  const probe = ['--import', resolve('dist/tests/bench/loop/probe.js')];
  const serving = await service(ground, database, [], { LOOP_PROBE: socket }, probe);
  let token = '';
  const measure = async (request: LoopRequest): Promise<Figure> => {
    const seen: Seen[] = [];
    for (let run = 0; run < ground.runs; run++) {
      await seenBy(socket);
      const answer = await send(serving.url, request, run);
      seen.push(await seenBy(socket));
      token = /"token":"([^"]+)"/.exec(answer)?.[1] ?? token;
    }
    const longest = seen.map((one) => one.longest);
    ground.say(`  ${request.name}: ${longest.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    return {
      name: `loop-${request.name}`,
      what: request.what,
      unit: 'ms',
      ours: longest,
      aim: { of: 'ours', atMost: MOST_MS },
      notes: {
        'longest of all runs': Math.max(...longest).toFixed(0),
        turns: Math.max(...seen.map(({ turns }) => turns)),
      },
    };
  };
  try {
    const figures: Figure[] = [];
    for (const request of WRITES) figures.push(await measure(request));
    await fetch(`${serving.url}/v1/locations?limit=1&after=${token}&wait=30000`);
    for (const request of READS) figures.push(await measure(request));
    return figures;
  } finally {
    await end(serving);
    await database.drop();
  }
}

async function send(
  url: string,
  { name, path, body, type = 'application/json', accept = '*/*', status }: LoopRequest,
  run: number,
): Promise<string> {
  const answer = await fetch(`${url}${path}`, {
    headers: { accept, ...(body && { 'content-type': type }) },
    ...(body && { method: 'POST', body: body(run) }),
  });
  const said = await answer.text();
  if (answer.status !== status)
    throw new Error(`${name} was answered ${answer.status}: ${said.slice(0, 500)}`);
  return said;
}

/** What the probe has seen since it was asked last. */
async function seenBy(socket: string): Promise<Seen> {
  const asking = connect(socket);
  await once(asking, 'connect');
  return JSON.parse(await text(asking)) as Seen;
}
