/** Returns the reason why a part does not work, or undefined. A thrown error counts as a reason. */
export type Check = () => Promise<string | undefined>;

/** Time limit of a check, in milliseconds. */
const CHECK_TIMEOUT_MS = 4000;

/** The order in which reasons are listed: what others need comes first. */
const PARTS = ['database', 'broker', 'read models', 'relay', 'projector', 'recorder'];

/** Whether this process works: each part that runs in it has a check. */
export class Readiness {
  private readonly checks = new Map<string, Check>();

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
    return asked.flatMap(([part, reason]) => (reason === undefined ? [] : [`${part}: ${reason}`]));
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
