import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseRuleset, type Ruleset } from '#libs/domain';
import { Random } from '../support/random.js';
import { War } from '../support/war.js';
import { Audit } from './audit.js';
import { Caller } from './http.js';
import { Ledger } from './ledger.js';
import { FAULTS, TargetService, type Fault } from './target-service.js';
import { World, type WorldFault } from './world.js';
import { Writer } from './writer.js';

export interface ChaosOptions {
  rounds: number;
  seed: number;
  /** For the service's data and its log; empty or missing. */
  folder: string;
  writers?: number;
  /** What befalls it (default: its processes are killed): each as often as the others. */
  faults?: readonly (Fault | WorldFault)[] | undefined;
  /** How long a round loads the service, at most, in milliseconds. */
  loadMs?: number;
  say?: (line: string) => void;
  /** Called when all is done, while the service still runs. For tests of the test. */
  atEnd?: (run: { audit: Audit; ledger: Ledger; databaseUrl: string }) => Promise<void>;
}

export interface ChaosReport {
  /** What did not hold; empty where all did. */
  faults: string[];
  rounds: number;
  events: number;
  acknowledged: number;
  /** Requests that had to be sent again. */
  retries: number;
  blows: Partial<Record<Fault | WorldFault, number>>;
}

const SHARDS = 16;

/**
 * Loads the service with concurrent writers, strikes it at random moments, and audits it after every round. Ends with the
 * first round in which something does not hold.
 */
export async function runChaos({
  rounds,
  seed,
  folder,
  writers: count = 6,
  faults: befalling,
  loadMs = 3500,
  say = () => {},
  atEnd,
}: ChaosOptions): Promise<ChaosReport> {
  mkdirSync(folder, { recursive: true });
  const random = new Random(seed);
  const world = World.make(folder, befalling ?? []);
  const victim = new TargetService(world.dataDir, join(folder, 'service.log'), {
    LOG_LEVEL: 'warn',
    SHARDS: String(SHARDS),
    ...world.env,
  });
  const ledger = new Ledger();
  const callers = Array.from(
    { length: count + 1 },
    () => new Caller(async () => world.pathTo(await victim.url())),
  );
  const audit = new Audit(ledger, rulesetInUse(), callers[count]!, SHARDS);
  const registered = new Set<string>();
  const options = { places: 240, unknown: 60 };
  const writers = Array.from(
    { length: count },
    (_, at) =>
      new Writer(
        at,
        count,
        new War(random.branch(at), options, `${seed}/${at}`),
        random.branch(1000 + at),
        ledger,
        callers[at]!,
        registered,
      ),
  );
  const report: ChaosReport = { faults: [], rounds: 0, events: 0, acknowledged: 0, retries: 0, blows: {} };
  const faults = () => [...victim.faults, ...ledger.faults, ...writers.flatMap((writer) => writer.faults)];
  try {
    await victim.start();
    while (report.rounds < rounds && report.faults.length === 0) {
      const begun = Date.now();
      const until = begun + random.int(loadMs / 3, loadMs);
      const load = Promise.all(writers.map((writer) => writer.run(() => Date.now() > until)));
      const struck = await strikes(until, random, async () => {
        if (!befalling) return victim.strike(random.chance(0.25) ? 'service' : random.pick(FAULTS), random);
        const fault = random.pick(befalling);
        if (isOfTheWorld(fault)) await world.strike(fault, victim, random);
        else await victim.strike(fault, random);
        return fault;
      });
      await load;
      report.faults = faults();
      report.faults.push(...(await audit.round(await victim.databaseUrl())));
      report.rounds += 1;
      for (const blow of struck) report.blows[blow] = (report.blows[blow] ?? 0) + 1;
      say(
        `round ${report.rounds}: ${struck.join(', ')}; ${ledger.answers.size} acknowledged, ` +
          `${audit.events} events, ${((Date.now() - begun) / 1000).toFixed(1)} s`,
      );
    }
    if (report.faults.length === 0)
      report.faults = [...(await audit.whole(await victim.databaseUrl())), ...faults()];
    if (report.faults.length === 0) await atEnd?.({ audit, ledger, databaseUrl: await victim.databaseUrl() });
    if (report.faults.length === 0) {
      await victim.stop();
      report.faults = faults();
    }
  } catch (error) {
    report.faults.push((error as Error).stack ?? String(error), ...faults());
  } finally {
    await victim.close();
    await world.close();
  }
  report.events = audit.events;
  report.acknowledged = ledger.answers.size;
  report.retries = callers.reduce((sum, { retries }) => sum + retries, 0);
  return report;
}

/** One blow in the midst of a round, often a second one. */
async function strikes<F>(until: number, random: Random, strike: () => Promise<F>): Promise<F[]> {
  const struck: F[] = [];
  const blows = random.chance(0.4) ? 2 : 1;
  for (let left = blows; left > 0; left--) {
    await sleep(Math.max(0, random.int(100, Math.max(100, Math.floor((until - Date.now()) / left)))));
    struck.push(await strike());
  }
  return struck;
}

const isOfTheWorld = (fault: Fault | WorldFault): fault is WorldFault =>
  !(FAULTS as readonly string[]).includes(fault);

export function rulesetInUse(): Ruleset {
  const parsed = parseRuleset(JSON.parse(readFileSync('rulesets/russia-ukraine.json', 'utf8')));
  if (!parsed.ok) throw new Error('the ruleset cannot be read');
  return parsed.ruleset;
}
