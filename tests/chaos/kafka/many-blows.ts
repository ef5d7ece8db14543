import { join } from 'node:path';
import { Random } from '../../support/random.js';
import { FAULTS, type Fault } from './fault-injection.js';
import { runKafkaChaos, type KafkaReport } from './kafka-chaos.js';

export interface ManyBlows {
  rounds: number;
  seed: number;
  /** Messages a second; without it as many as are recorded and projected. */
  rate?: number | undefined;
  folder: string;
  say: (line: string) => void;
}

/** The share of the rounds with three brokers. */
const OF_THREE = 1 / 4;

/** All blows in turn, in any order, first with one broker, then with three. @returns what did not hold */
export async function runManyBlows({ rounds, seed, rate, folder, say }: ManyBlows): Promise<string[]> {
  const random = new Random(seed);
  const withThree = rounds < 2 ? 0 : Math.max(1, Math.round(rounds * OF_THREE));
  const one = await runKafkaChaos({
    blows: inTurn(FAULTS, rounds - withThree, random),
    brokers: 1,
    seed,
    rate,
    folder: join(folder, 'one'),
    say,
  });
  const reports = [one];
  if (one.faults.length === 0 && withThree > 0) {
    // Every other round one of the three; else anything that happens to one broker too.
    const others = inTurn(FAULTS, withThree, random);
    const blows = others.map((blow, at): Fault => (at % 2 === 0 ? 'one-of-three' : blow));
    reports.push(
      await runKafkaChaos({ blows, brokers: 3, seed: seed + 1, rate, folder: join(folder, 'three'), say }),
    );
  }
  const faults = reports.flatMap((report) => report.faults);
  say(`${faults.length === 0 ? 'all held' : 'FAILED'} (seed ${seed}): ${summary(reports)}`);
  return faults;
}

/** Each of them before any comes again. */
function inTurn<T>(all: readonly T[], count: number, random: Random): T[] {
  const turn: T[] = [];
  while (turn.length < count) {
    const left = [...all];
    while (left.length > 0) turn.push(...left.splice(random.int(0, left.length - 1), 1));
  }
  return turn.slice(0, count);
}

function summary(reports: readonly KafkaReport[]): string {
  const rounds = reports.flatMap((report) => report.rounds);
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
  const takeOvers = rounds.flatMap(({ takeOverMs }) => takeOverMs ?? []);
  const times = new Map<Fault, number>();
  for (const { blow } of rounds) times.set(blow, (times.get(blow) ?? 0) + 1);
  return [
    `${rounds.length} rounds (${[...times].map(([blow, count]) => `${blow} ${count}`).join(', ')})`,
    `${sum(rounds.map(({ acknowledged }) => acknowledged))} acknowledged`,
    `${sum(reports.map(({ events }) => events))} events`,
    `${sum(reports.map(({ deadLetters }) => deadLetters))} dead letters`,
    `repeats ${sum(reports.map(({ repeats }) => repeats.events))} events, ` +
      `${sum(reports.map(({ repeats }) => repeats.deadLetters))} dead letters`,
    `${Math.max(0, ...rounds.map(({ rate }) => rate)).toFixed(0)}/s at most`,
    ...(takeOvers.length > 0
      ? [`another relay led after ${Math.min(...takeOvers)} to ${Math.max(...takeOvers)} ms`]
      : []),
  ].join('; ');
}
