import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Ground } from './ground.js';
import { end, runProgram, service } from './served.js';
import { committed, cpuOf } from './work.js';
import { statementsOf } from './statements.js';

const STREAMS = 300;
const RATE = 50;
const OPENING_SECONDS = 1;
const WARM_UP_SECONDS = 1;
const SECONDS = 3;
const MAX_SECONDS = 30;
/** Without streams, the time for the last statements to be projected. */
const REST_MS = 300;
const PLACES = 2000;

/** `cpu`: milliseconds of the service for each statement; `transactions`: of the database, for each statement; times in ms. */
interface Measured {
  cpu: number;
  transactions: number;
  delay: number;
  post: number;
  postP99: number;
}

interface Heard {
  missing: number;
  p99: number;
}

/** No live stream, one, and 300 of them, at 50 statements a second, all in one process. */
export async function streams(ground: Ground): Promise<Figure[]> {
  const database = await filled(ground, {
    statements: 5000,
    places: PLACES,
    label: 'before',
    projected: true,
  });
  // In one process, so that its processor time is all of it.
  const serving = await service(ground, database, [], { PROJECTOR_PROCESS: 'false' });
  const file = join(ground.folder, 'streams');

  const measure = async (count: number, label: string): Promise<Measured> => {
    const statements = statementsOf(RATE * (WARM_UP_SECONDS + SECONDS), PLACES, label);
    writeFileSync(file, statements.map((one) => JSON.stringify(one)).join('\n'));
    const warmUp = RATE * WARM_UP_SECONDS;
    const numbers = [count, statements.length, warmUp, MAX_SECONDS].map(String);
    const listening = count > 0 ? runProgram<Heard>('streams-listen', serving.url, ...numbers) : undefined;
    await sleep(OPENING_SECONDS * 1000);
    const [cpu, transactions] = [cpuOf(serving.pid), await committed(database.url)];
    const posted = await runProgram<{ p50: number; p99: number }>(
      'streams-post',
      serving.url,
      String(RATE),
      String(warmUp),
      file,
    );
    const heard = await (listening ?? sleep(REST_MS));
    return {
      cpu: (1000 * (cpuOf(serving.pid) - cpu)) / statements.length,
      transactions: ((await committed(database.url)) - transactions) / statements.length,
      delay: heard?.missing === 0 ? heard.p99 : Infinity,
      post: posted.p50,
      postP99: posted.p99,
    };
  };

  const measured = new Map<number, Measured[]>([0, 1, STREAMS].map((count) => [count, []]));
  try {
    for (const count of [STREAMS, 1, 0]) await measure(count, `warm-up-${count}`);
    for (let run = 0; run < ground.runs; run++)
      for (const [count, list] of measured) list.push(await measure(count, `streams-${run}-${count}`));
  } finally {
    await end(serving);
    await database.drop();
  }

  const of = (count: number, figure: keyof Measured) => measured.get(count)!.map((one) => one[figure]);
  const inMs = (count: number, figure: keyof Measured) => median(of(count, figure)).toFixed(1);
  const load = `${STREAMS} live streams at ${RATE} statements/s, all in one process`;
  const ratio = (figure: keyof Measured, than: number) =>
    of(STREAMS, figure).map((value, run) => value / of(than, figure)[run]!);
  return [
    {
      name: 'streams-cpu',
      what: `CPU of the service with ${load}, in times of that with one stream`,
      unit: 'times',
      ours: ratio('cpu', 1),
      aim: { of: 'ours', atMost: 1.5 },
      notes: {
        'ms a statement without, with 1, with all': [0, 1, STREAMS]
          .map((n) => median(of(n, 'cpu')).toFixed(2))
          .join(', '),
      },
    },
    {
      name: 'streams-queries',
      what: 'transactions of the database meanwhile, in times of those with one stream',
      unit: 'times',
      ours: ratio('transactions', 1),
      aim: { of: 'ours', atMost: 1.5 },
      notes: {
        'for a statement without, with 1, with all': [0, 1, STREAMS]
          .map((n) => median(of(n, 'transactions')).toFixed(1))
          .join(', '),
      },
    },
    {
      name: 'streams-delay',
      what: 'from the moment a statement was due to its claim on a stream (p99 of all streams)',
      unit: 'ms',
      ours: of(STREAMS, 'delay'),
      aim: { of: 'ours', atMost: 500 },
      notes: { 'with 1': inMs(1, 'delay') },
    },
    {
      name: 'streams-post',
      what: 'time of a POST meanwhile (p50), in times of that without streams',
      unit: 'times',
      ours: ratio('post', 0),
      aim: { of: 'ours', atMost: 1.1 },
      notes: {
        'p50, ms, without, with 1, with all': [0, 1, STREAMS].map((n) => inMs(n, 'post')).join(', '),
        'p99, ms': [0, 1, STREAMS].map((n) => inMs(n, 'postP99')).join(', '),
      },
    },
  ];
}
