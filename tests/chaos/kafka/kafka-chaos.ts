import { Random } from '../../support/random.js';
import type { Fault } from './fault-injection.js';
import { STAGES } from './stall-monitor.js';
import { Run, type Round } from './run.js';

export interface KafkaChaosOptions {
  /** What is done, a round each. */
  blows: readonly Fault[];
  brokers: 1 | 3;
  seed: number;
  /** For all that is kept and logged; empty or missing. */
  folder: string;
  /** Messages a second; without it as many as are recorded and projected. */
  rate?: number | undefined;
  loadMs?: number;
  /** Commands that wait in vain for their statement, in a round with such a fault (default: 2). */
  strangers?: (blow: Fault) => number;
  say?: (line: string) => void;
  /** Called when all is done and held. For tests of the test. */
  atEnd?: (run: Run) => Promise<void>;
}

export interface KafkaReport {
  /** What did not hold; empty where all did. */
  faults: string[];
  rounds: Round[];
  /** In the statements topic. */
  messages: number;
  events: number;
  deadLetters: number;
  /** Messages that came again, in the events topic and among the dead letters. */
  repeats: { events: number; deadLetters: number };
}

/** Loads an installation through Kafka, with a fault and an audit in each round. Ends with the first round whose audit fails. */
export async function runKafkaChaos(options: KafkaChaosOptions): Promise<KafkaReport> {
  const {
    blows,
    brokers,
    seed,
    folder,
    rate,
    loadMs = 4000,
    strangers = () => 2,
    say = () => {},
    atEnd,
  } = options;
  const report: KafkaReport = {
    faults: [],
    rounds: [],
    messages: 0,
    events: 0,
    deadLetters: 0,
    repeats: { events: 0, deadLetters: 0 },
  };
  const begun = Date.now();
  const run = await Run.open({ brokers, folder, rate, loadMs }, new Random(seed));
  const count = () => {
    report.messages = run.post.messages;
    report.events = run.audit.events;
    report.deadLetters = run.post.dead;
    report.repeats = { events: run.events.repeats, deadLetters: run.post.repeats };
  };
  say(
    `${brokers === 1 ? 'one broker' : 'three brokers'}: ready after ${((Date.now() - begun) / 1000).toFixed(1)} s`,
  );
  try {
    for (const blow of blows) {
      if (report.faults.length > 0) break;
      const round = await run.round(blow, strangers(blow));
      report.rounds.push(round);
      report.faults.push(...round.faults);
      count();
      say(`round ${report.rounds.length}: ${summaryOf(round, report)}`);
    }
    if (report.faults.length === 0) report.faults.push(...(await run.whole()));
    count();
    if (report.faults.length === 0) await atEnd?.(run);
  } catch (error) {
    report.faults.push((error as Error).stack ?? String(error), ...run.faults());
  } finally {
    await run.close();
  }
  return report;
}

function summaryOf(
  { what, rate, acknowledged, failedSends, standstills, drainSeconds, seconds }: Round,
  { messages, events, deadLetters, repeats }: KafkaReport,
): string {
  const stood = STAGES.map((stage) => `${stage} ${standstills[stage].toFixed(1)}`).join(', ');
  return (
    `${what}; ${rate.toFixed(0)}/s, ${acknowledged} acknowledged, ${failedSends} sends failed; ` +
    `in all ${messages} messages, ${events} events, ${deadLetters} dead letters, ` +
    `repeats: ${repeats.events} events, ${repeats.deadLetters} dead letters; stood still (s): ${stood}; ` +
    `drained in ${drainSeconds.toFixed(1)} s; ${seconds.toFixed(1)} s`
  );
}
