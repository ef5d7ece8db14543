import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Result, PlaceCommand, Ruleset } from '#libs/domain';
import { StatementCommands, type RecordOptions } from '#libs/commands';
import { Register } from '#libs/places';
import { type Receipt } from '#libs/log';

export class RecordStatements extends Command<Result<Receipt>[]> {
  constructor(
    readonly inputs: unknown[],
    readonly options: RecordOptions,
  ) {
    super();
  }
}

@CommandHandler(RecordStatements)
export class RecordStatementsHandler implements ICommandHandler<RecordStatements> {
  constructor(private readonly commands: StatementCommands) {}

  execute({ inputs, options }: RecordStatements) {
    return this.commands.record(inputs, options);
  }
}

export class RetractStatement extends Command<Result<Receipt>> {
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
  constructor(private readonly commands: StatementCommands) {}

  execute({ statementId, body, ruleset, options }: RetractStatement) {
    return this.commands.retract(statementId, body, ruleset, options);
  }
}

/** Records a statement in place of another one, and voids that one. */
export class CorrectStatement extends Command<Result<Receipt>> {
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
  constructor(private readonly commands: StatementCommands) {}

  execute({ statementId, body, ruleset, options }: CorrectStatement) {
    return this.commands.correct(statementId, body, ruleset, options);
  }
}

/** Voids a statement or a retraction, or (`voided: false`) reinstates it. */
export class SetStatementVoided extends Command<Result<Receipt>> {
  constructor(
    readonly id: string,
    readonly voided: boolean,
    readonly body: unknown,
    readonly traceparent?: string,
  ) {
    super();
  }
}

@CommandHandler(SetStatementVoided)
export class SetStatementVoidedHandler implements ICommandHandler<SetStatementVoided> {
  constructor(private readonly commands: StatementCommands) {}

  execute({ id, voided, body, traceparent }: SetStatementVoided) {
    return this.commands.setVoid(id, voided, body, { traceparent });
  }
}

export class EraseQuote extends Command<Result<Receipt>> {
  constructor(
    readonly id: string,
    readonly body: unknown,
  ) {
    super();
  }
}

@CommandHandler(EraseQuote)
export class EraseQuoteHandler implements ICommandHandler<EraseQuote> {
  constructor(private readonly commands: StatementCommands) {}

  execute({ id, body }: EraseQuote) {
    return this.commands.eraseQuote(id, body);
  }
}

export class ChangePlace extends Command<Result<Receipt>> {
  constructor(readonly command: PlaceCommand) {
    super();
  }
}

@CommandHandler(ChangePlace)
export class ChangePlaceHandler implements ICommandHandler<ChangePlace> {
  constructor(private readonly register: Register) {}

  execute({ command }: ChangePlace) {
    return this.register.command(command);
  }
}

export const commandHandlers = [
  RecordStatementsHandler,
  RetractStatementHandler,
  CorrectStatementHandler,
  SetStatementVoidedHandler,
  EraseQuoteHandler,
  ChangePlaceHandler,
];
