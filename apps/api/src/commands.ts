import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Outcome, RegisterCommand, Ruleset } from '#libs/domain';
import { Recorder, Register, type Receipt, type RecordOptions } from '#libs/event-store';

export class RecordStatements extends Command<Outcome<Receipt>[]> {
  constructor(
    readonly inputs: unknown[],
    readonly options: RecordOptions,
  ) {
    super();
  }
}

@CommandHandler(RecordStatements)
export class RecordStatementsHandler implements ICommandHandler<RecordStatements> {
  constructor(private readonly recorder: Recorder) {}

  execute({ inputs, options }: RecordStatements) {
    return this.recorder.record(inputs, options);
  }
}

export class RetractStatement extends Command<Outcome<Receipt>> {
  constructor(
    readonly statementId: string,
    readonly body: unknown,
    readonly ruleset: Ruleset,
    readonly options: { strict: boolean; traceparent?: string | undefined },
  ) {
    super();
  }
}

@CommandHandler(RetractStatement)
export class RetractStatementHandler implements ICommandHandler<RetractStatement> {
  constructor(private readonly recorder: Recorder) {}

  execute({ statementId, body, ruleset, options }: RetractStatement) {
    return this.recorder.retract(statementId, body, ruleset, options);
  }
}

/** Records a statement in place of another one, and voids that one. */
export class CorrectStatement extends Command<Outcome<Receipt>> {
  constructor(
    readonly statementId: string,
    readonly body: unknown,
    readonly ruleset: Ruleset,
    readonly options: { strict: boolean; traceparent?: string | undefined },
  ) {
    super();
  }
}

@CommandHandler(CorrectStatement)
export class CorrectStatementHandler implements ICommandHandler<CorrectStatement> {
  constructor(private readonly recorder: Recorder) {}

  execute({ statementId, body, ruleset, options }: CorrectStatement) {
    return this.recorder.correct(statementId, body, ruleset, options);
  }
}

/** Voids a statement or a retraction, or (`voided: false`) reinstates it. */
export class MarkStatement extends Command<Outcome<Receipt>> {
  constructor(
    readonly id: string,
    readonly voided: boolean,
    readonly body: unknown,
    readonly traceparent?: string,
  ) {
    super();
  }
}

@CommandHandler(MarkStatement)
export class MarkStatementHandler implements ICommandHandler<MarkStatement> {
  constructor(private readonly recorder: Recorder) {}

  execute({ id, voided, body, traceparent }: MarkStatement) {
    return this.recorder.setVoid(id, voided, body, { traceparent });
  }
}

export class EraseQuote extends Command<Outcome<Receipt>> {
  constructor(
    readonly id: string,
    readonly body: unknown,
  ) {
    super();
  }
}

@CommandHandler(EraseQuote)
export class EraseQuoteHandler implements ICommandHandler<EraseQuote> {
  constructor(private readonly recorder: Recorder) {}

  execute({ id, body }: EraseQuote) {
    return this.recorder.eraseQuote(id, body);
  }
}

export class ChangeRegister extends Command<Outcome<Receipt>> {
  constructor(readonly command: RegisterCommand) {
    super();
  }
}

@CommandHandler(ChangeRegister)
export class ChangeRegisterHandler implements ICommandHandler<ChangeRegister> {
  constructor(private readonly register: Register) {}

  execute({ command }: ChangeRegister) {
    return this.register.command(command);
  }
}

export const commandHandlers = [
  RecordStatementsHandler,
  RetractStatementHandler,
  CorrectStatementHandler,
  MarkStatementHandler,
  EraseQuoteHandler,
  ChangeRegisterHandler,
];
