import { printable, type Result, type Ruleset } from '#libs/domain';
import type { Receipt } from '#libs/log';
import type { StatementCommands } from '#libs/commands';
import type { CommandName } from '#libs/messaging';
import { MessageError, retryByPolicy } from './retry-policy.js';
import { rejectedRequest, type RejectedRequest, type Request } from './request.js';

/** The outcome of a request. */
export type ExecutionResult = { receipt: Receipt } | { rejection: RejectedRequest };

export interface ExecutorParts {
  commands: Pick<StatementCommands, 'record' | 'retract' | 'setVoid' | 'correct'>;
  /** The ruleset in force: it defines the sides of parties. */
  ruleset: () => Promise<Ruleset>;
  onError: (error: unknown) => void;
}

type Statement = Extract<Request, { kind: 'statement' }>;
type Command = Extract<Request, { kind: CommandName }>;

/** Carries out requests as HTTP does, and waits while the database is away. */
export class Executor {
  constructor(private readonly parts: ExecutorParts) {}

  /**
   * Carries out all requests, first the statements, then the commands, which may be about them.
   * @returns the results, in order
   * @throws the signal's reason, if it was given; some may be carried out then, and repeating all records nothing twice
   */
  async execute(requests: readonly Request[], signal: AbortSignal): Promise<ExecutionResult[]> {
    const statements = requests.filter((request) => request.kind === 'statement');
    const recorded = (await this.record(statements, signal)).values();
    const results: (ExecutionResult | undefined)[] = requests.map((request) =>
      request.kind === 'statement'
        ? recorded.next().value!
        : request.kind === 'wrong'
          ? { rejection: request.rejection }
          : undefined,
    );
    for (const [at, request] of requests.entries())
      if (request.kind !== 'statement' && request.kind !== 'wrong')
        results[at] = await this.command(request, signal);
    return results as ExecutionResult[];
  }

  /** If one of them fails the batch, it is found by bisection. */
  private async record(statements: readonly Statement[], signal: AbortSignal): Promise<ExecutionResult[]> {
    if (statements.length === 0) return [];
    const inputs = statements.map(({ input }) => input);
    try {
      const outcomes = await retryByPolicy(
        () => this.parts.commands.record(inputs, { traceOf: (at) => statements[at]!.traceparent }),
        signal,
        this.parts.onError,
      );
      return outcomes.map(executionResult);
    } catch (error) {
      if (signal.aborted || !(error instanceof MessageError)) throw error;
      if (statements.length === 1) return [this.broken(error.cause)];
      const middle = Math.ceil(statements.length / 2);
      return [
        ...(await this.record(statements.slice(0, middle), signal)),
        ...(await this.record(statements.slice(middle), signal)),
      ];
    }
  }

  private async command(command: Command, signal: AbortSignal): Promise<ExecutionResult> {
    try {
      return executionResult(await retryByPolicy(() => this.carryOut(command), signal, this.parts.onError));
    } catch (error) {
      if (signal.aborted || !(error instanceof MessageError)) throw error;
      return this.broken(error.cause);
    }
  }

  private async carryOut({
    kind,
    statementId,
    body,
    eventId,
    traceparent,
  }: Command): Promise<Result<Receipt>> {
    const { commands: recorder, ruleset } = this.parts;
    switch (kind) {
      case 'retract':
        return recorder.retract(statementId, body, await ruleset(), { traceparent });
      case 'void':
        return recorder.setVoid(statementId, true, body, { eventId, traceparent });
      case 'correct':
        return recorder.correct(statementId, body, await ruleset(), { traceparent });
    }
  }

  private broken(error: Error): ExecutionResult {
    this.parts.onError(error);
    return {
      rejection: {
        code: 'internal-error',
        detail: `it could not be recorded: ${printable(error.message, 300)}`,
      },
    };
  }
}

function executionResult(outcome: Result<Receipt>): ExecutionResult {
  return outcome.ok ? { receipt: outcome.value } : { rejection: rejectedRequest(outcome)! };
}
