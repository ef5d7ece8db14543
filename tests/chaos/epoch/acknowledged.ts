import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';

/** When a statement was sent, for the time that was answered, and when the answer came. */
interface Span {
  sent: number;
  answered: number;
}

/** Statements that several writers send one after the other, each until it is acknowledged, and when that was. */
export class Acknowledged {
  /** By the id of the statement. */
  readonly statements = new Map<string, Span>();
  readonly faults: string[] = [];
  private serial = 0;

  constructor(
    private readonly url: () => Promise<string>,
    private readonly random: Random,
  ) {}

  /** Until the signal is aborted. */
  async load(writers: number, signal: AbortSignal): Promise<void> {
    const write = async () => {
      while (!signal.aborted) {
        await this.write().catch((error: unknown) => this.faults.push((error as Error).message));
        await sleep(this.random.int(0, 15));
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
  }

  /** Those that were sent and answered between two times. */
  between(from: number, to: number): string[] {
    return [...this.statements]
      .filter(([, { sent, answered }]) => sent > from && answered < to)
      .map(([id]) => id);
  }

  private async write(): Promise<void> {
    const statements = Array.from({ length: this.random.int(1, 12) }, () => this.statement());
    for (const deadline = Date.now() + 120_000; ; await sleep(50)) {
      const sent = performance.now();
      const status = await this.send(statements);
      if (status === 200) {
        const span = { sent, answered: performance.now() };
        for (const { statementId } of statements) this.statements.set(statementId, span);
        return;
      }
      if (status !== undefined && status < 500) throw new Error(`statements were answered ${status}`);
      if (Date.now() > deadline) throw new Error('statements were not taken for 120 s');
    }
  }

  /** @returns undefined where no answer came */
  private async send(statements: object[]): Promise<number | undefined> {
    try {
      const answer = await fetch(`${await this.url()}/v1/statements`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(statements),
        signal: AbortSignal.timeout(30_000),
      });
      const { results } = (await answer.json()) as { results?: { status?: number }[] };
      return results?.find(({ status }) => status !== undefined)?.status ?? answer.status;
    } catch {
      return undefined;
    }
  }

  private statement() {
    this.serial += 1;
    return {
      statementId: randomUUID(),
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: `Village ${this.serial % 40}`, country: 'ZZ' },
      speaker: { name: `Speaker ${this.serial}`, party: 'russia' },
      statedAt: '2025-11-20',
    };
  }
}
