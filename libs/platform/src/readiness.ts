import type { Logger } from './logs.js';

/** Returns the reason why a part does not work, or undefined. A thrown error counts as a reason. */
export type Check = () => Promise<string | undefined>;

/** Time limit of a check, in milliseconds. */
const CHECK_TIMEOUT_MS = 4000;

/** The order in which reasons are listed: what others need comes first. */
const PARTS = ['database', 'broker', 'read models', 'relay', 'projector', 'recorder'];

/** What changes while a reason stays the same: how long, how many, how much. */
const MEASURES = /\d+(?= (?:s|ms|events|MB|of)\b)/g;

/** Whether this process works: each part that runs in it has a check. */
export class Readiness {
  private readonly checks = new Map<string, Check>();
  /** The reasons as they were logged last, without measures. */
  private logged = '';

  /** @param log gets a line when the reasons have changed since they were last asked for */
  constructor(private readonly log?: Pick<Logger, 'info' | 'warn'>) {}

  add(part: string, check: Check): void {
    this.checks.set(part, check);
  }

  /** The reason of one part; undefined where it works, or does not run here. */
  async problemOf(part: string): Promise<string | undefined> {
    const check = this.checks.get(part);
    return check && answerOf(check);
  }

  /** The reasons by part; empty where everything works. */
  async problems(): Promise<string[]> {
    const checks = [...this.checks].toSorted(([a], [b]) => PARTS.indexOf(a) - PARTS.indexOf(b));
    const asked = await Promise.all(
      checks.map(async ([part, check]) => [part, await answerOf(check)] as const),
    );
    const problems = asked.flatMap(([part, reason]) => (reason === undefined ? [] : [`${part}: ${reason}`]));
    this.logChange(problems);
    return problems;
  }

  private logChange(problems: readonly string[]): void {
    const now = problems.join('; ').replaceAll(MEASURES, 'n');
    if (now === this.logged) return;
    this.logged = now;
    if (problems.length > 0) this.log?.warn({ problems }, 'not ready');
    else this.log?.info('ready again');
  }
}

async function answerOf(check: Check): Promise<string | undefined> {
  let timer: NodeJS.Timeout;
  const late = new Promise<string>(
    (resolve) =>
      (timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS / 1000} s`), CHECK_TIMEOUT_MS)),
  );
  return Promise.race([check(), late])
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)) || 'failed')
    .finally(() => clearTimeout(timer));
}
