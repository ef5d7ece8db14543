import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { claimEvent, parseStatement, type ClaimEvent, type LocationId, type Statement } from '#libs/domain';
import { prepareEvent } from '#libs/log';
import type { Figure } from './figure.js';
import type { Ground } from './ground.js';
import { placesByName, SHARDS, statementsOf } from './statements.js';
import type { StatementInput } from '../support/war.js';

const STATEMENTS = 20_000;
const PLACES = 5000;
const CHUNK = 1000;

/** What is done to a statement before the database sees it. */
interface Steps {
  parse(input: StatementInput, now: string): Statement;
  decide(statement: Statement, place: LocationId): ClaimEvent;
  prepare(event: ClaimEvent, statement: Statement): unknown;
}
const STEPS = ['parse', 'decide', 'prepare'] as const;
type Microseconds = Record<(typeof STEPS)[number], number>;

/**
 * The processor's time for a statement that is read, decided on and prepared for the append. With BENCH_BEFORE, the folder of a
 * checkout that is built, beside the time that its build takes: both take turns, a thousand statements each.
 */
export async function statementCpu(ground: Ground): Promise<Figure[]> {
  const before = process.env.BENCH_BEFORE;
  const builds = [
    stepsOf({ parseStatement, claimEvent }, (event, { written }) => prepareEvent({ event, written }, SHARDS)),
  ];
  if (before === undefined) ground.say('statement-cpu: no BENCH_BEFORE, so nothing to compare with');
  else builds.push(await stepsOfBuild(before));
  const placeOf = placesByName(PLACES);
  const measured = builds.map((): Microseconds[] => []);
  for (let run = -1; run < ground.runs; run++) {
    const inputs = statementsOf(STATEMENTS, PLACES, `cpu-${run}`);
    const sums = builds.map((): Microseconds => ({ parse: 0, decide: 0, prepare: 0 }));
    for (let at = 0; at < STATEMENTS; at += CHUNK)
      for (const turn of at % (2 * CHUNK) === 0 ? builds.keys() : [...builds.keys()].toReversed())
        timeChunk(builds[turn]!, inputs.slice(at, at + CHUNK), placeOf, sums[turn]!);
    // The first run is for the compiler.
    if (run >= 0) sums.forEach((sum, build) => measured[build]!.push(sum));
  }
  const figure = (name: string, what: string, of: (sum: Microseconds) => number): Figure => ({
    name,
    what,
    unit: 'us',
    ours: measured[0]!.map(of),
    ...(before !== undefined && { limit: measured[1]!.map(of), aim: { of: 'ratio', atMost: 0.33 } }),
  });
  return [
    figure(
      'statement-cpu',
      "processor's time for a statement that is parsed, decided on and prepared for the append" +
        (before === undefined ? '' : ', against that of the build before'),
      ({ parse, decide, prepare }) => parse + decide + prepare,
    ),
    ...STEPS.map((step) => figure(`statement-${step}`, 'a part of it', (sum) => sum[step])),
  ];
}

function timeChunk(
  steps: Steps,
  inputs: readonly StatementInput[],
  placeOf: (input: StatementInput) => string,
  sum: Microseconds,
): void {
  const now = new Date().toISOString();
  const places = inputs.map((input) => placeOf(input) as LocationId);
  const time = <T>(step: keyof Microseconds, work: () => T): T => {
    const begin = process.cpuUsage();
    const done = work();
    const { user, system } = process.cpuUsage(begin);
    sum[step] += (user + system) / STATEMENTS;
    return done;
  };
  const statements = time('parse', () => inputs.map((input) => steps.parse(input, now)));
  const events = time('decide', () => statements.map((one, at) => steps.decide(one, places[at]!)));
  time('prepare', () => events.map((event, at) => steps.prepare(event, statements[at]!)));
}

type Domain = Pick<typeof import('#libs/domain'), 'parseStatement' | 'claimEvent'>;

const stepsOf = ({ parseStatement, claimEvent }: Domain, prepare: Steps['prepare']): Steps => ({
  parse(input, now) {
    const parsed = parseStatement(input, now);
    if (!parsed.ok) throw new Error(parsed.refusal.detail);
    return parsed.value;
  },
  decide: (statement, place) => claimEvent(statement, place, ''),
  prepare,
});

/** Of another checkout's build: what `prepareEvent` does is put together, for it was not always exported. */
async function stepsOfBuild(folder: string): Promise<Steps> {
  const domain = (await import(
    pathToFileURL(resolve(join(folder, 'dist/libs/domain/src/index.js'))).href
  )) as typeof import('#libs/domain');
  return stepsOf(domain, (event) => {
    const body = domain.canonicalJson(event);
    return {
      event,
      body,
      digest: domain.sha256(body).toString('hex'),
      shard: domain.shardOf(event.stream, SHARDS),
    };
  });
}
