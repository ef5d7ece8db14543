import { printable, type Result } from '#libs/domain';
import type { Receipt } from '#libs/log';
import {
  CorrectStatement,
  RecordStatements,
  RetractStatement,
  SetStatementVoided,
  type Command,
  type CommandExecutor,
} from '#libs/commands';
import type { CommandName } from '#libs/messaging';
import { MessageError, retryByPolicy } from './retry-policy.js';
import type { RejectedRequest, Request } from './request.js';

/** The outcome of a request. */
export type ExecutionResult = { receipt: Receipt } | { rejection: RejectedRequest };

export interface ExecutorParts {
  commands: CommandExecutor;
  onError: (error: unknown) => void;
}

type Statement = Extract<Request, { kind: 'statement' }>;
type CommandRequest = Extract<Request, { kind: CommandName }>;

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
    const record = new RecordStatements(
      statements.map(({ input }) => input),
      { traceOf: (at) => statements[at]!.traceparent, signatureOf: (at) => statements[at]!.signature },
    );
    try {
      const outcomes = await retryByPolicy(
        () => this.parts.commands.execute(record),
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

  private async command(request: CommandRequest, signal: AbortSignal): Promise<ExecutionResult> {
    const { commands, onError } = this.parts;
    const command = commandOf(request);
    try {
      return executionResult(await retryByPolicy(() => commands.execute(command), signal, onError));
    } catch (error) {
      if (signal.aborted || !(error instanceof MessageError)) throw error;
      return this.broken(error.cause);
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

function commandOf({
  kind,
  statementId,
  body,
  eventId,
  traceparent,
  signature,
  isNamed,
}: CommandRequest): Command<Result<Receipt>> {
  switch (kind) {
    case 'retract':
      return new RetractStatement(statementId, body, { traceparent, signature });
    case 'void':
      return new SetStatementVoided(statementId, true, body, {
        eventId,
        traceparent,
        signature,
        needsBy: !isNamed,
      });
    case 'correct':
      return new CorrectStatement(statementId, body, { traceparent, signature });
  }
}

function executionResult(outcome: Result<Receipt>): ExecutionResult {
  return outcome.ok ? { receipt: outcome.value } : { rejection: outcome.refusal };
}
