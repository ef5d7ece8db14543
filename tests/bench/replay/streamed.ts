import { get } from 'node:http';
import { inTurns, type Figure } from '../figure.js';
import type { Ground } from '../ground.js';
import { rssMb } from '../rss.js';
import { end, service } from '../served.js';
import { copied } from './copied.js';
import { EVENTS, replayLog } from './log.js';

/** The whole log as NDJSON over HTTP, against COPY TO of it. */
export async function streamed(ground: Ground): Promise<Figure[]> {
  const database = await replayLog(ground);
  const serving = await service(ground, database, ['api']);
  const ndjson = async () => {
    const begin = performance.now();
    const lines = await countLines(`${serving.url}/v1/events`);
    if (lines !== EVENTS) throw new Error(`${lines} of ${EVENTS} events came`);
    return (EVENTS * 1000) / (performance.now() - begin);
  };
  const measured = await inTurns(ground.runs, ndjson, () => copied(database, EVENTS));
  const mb = rssMb(serving.pid);
  await end(serving);
  return [
    {
      name: 'replay-http',
      what: 'GET /v1/events as NDJSON, read and thrown away, against COPY TO of the log',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.3 },
      notes: { 'memory of the service at the end, MB': mb.toFixed(0) },
    },
  ];
}

const NEWLINE = 0x0a;

function countLines(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { accept: 'application/x-ndjson' } }, (answer) => {
      let lines = 0;
      answer.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
      });
      answer.on('end', () => resolve(lines)).on('error', reject);
    }).on('error', reject);
  });
}
