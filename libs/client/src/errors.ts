import type { ValidationIssue } from '#libs/domain';

/** The commands on a statement: CommandName of #libs/messaging, whose types need kafkajs. */
export type CommandName = 'retract' | 'void' | 'correct';

/** A statement that is invalid. `index`: its place in the array or iterable, from 0. */
export interface InvalidStatement {
  index: number;
  errors: ValidationIssue[];
}

const MAX_LISTED_REASONS = 20;

/** Statements that the service would always refuse; none of the array was queued. `invalid` names every wrong field. */
export class StatementInvalid extends Error {
  override name = 'StatementInvalid';

  constructor(readonly invalid: readonly InvalidStatement[]) {
    const faults = invalid.flatMap(({ index, errors }) =>
      errors.map(({ pointer, detail }) => `statement ${index}: ${pointer || 'all of it'} ${detail}`),
    );
    super(listed(faults));
  }
}

/** A retraction, a void or a correction that the service would always refuse. `errors` names every wrong field. */
export class CommandInvalid extends Error {
  override name = 'CommandInvalid';

  constructor(
    readonly command: CommandName,
    readonly errors: readonly ValidationIssue[],
  ) {
    super(
      `${command}: ${listed(errors.map(({ pointer, detail }) => `${pointer || 'all of it'} ${detail}`))}`,
    );
  }
}

/** A refusal of the service, with its reason. `code` is the last part of `urn:claimline:problem:<code>`. */
export interface Refusal {
  /** The id of the statement, or of the target of the command. */
  statementId: string;
  /** Undefined where a statement was refused. */
  command?: CommandName;
  code: string;
  detail: string;
  errors?: ValidationIssue[];
  /** The statement, or the body of the command, as it was sent. */
  statement: unknown;
}

/** The service refused some of what was sent, and no `onRefused` was given. The first 1,000 are listed, `count` counts all. */
export class Refused extends Error {
  override name = 'Refused';

  constructor(
    readonly refusals: readonly Refusal[],
    readonly count: number,
  ) {
    super(
      `${count} refused: ${listed(
        refusals.map(({ statementId, code, detail }) => `${statementId} ${code}: ${detail}`),
        count,
      )}`,
    );
  }
}

/** The producer has given up or was ended: `unsent` of its statements and commands are not acknowledged. `cause` is the reason. */
export class NotSent extends Error {
  override name = 'NotSent';

  constructor(
    readonly unsent: number,
    cause: unknown,
  ) {
    super(`${unsent} not acknowledged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The service answered with an error. */
export class ServiceError extends Error {
  override name = 'ServiceError';

  constructor(
    readonly status: number,
    /** The last part of `urn:claimline:problem:<code>`, where it was one. */
    readonly code: string | undefined,
    /** The body of the answer. */
    readonly detail: string,
    readonly errors?: ValidationIssue[],
    /** The request. */
    request?: string,
  ) {
    super(request === undefined ? detail : `${request}: ${detail}`);
  }

  /** Whether the same request may succeed later. */
  get passes(): boolean {
    return this.status >= 500 || [408, 425, 429].includes(this.status);
  }
}

/** Events of the log were not delivered: they were deleted from their source, or never reached it. */
export class EventsMissing extends Error {
  override name = 'EventsMissing';

  constructor(
    readonly shard: number,
    readonly from: number,
    readonly to: number,
  ) {
    const events = from === to ? `the event at position ${from}` : `the events at positions ${from} to ${to}`;
    super(`${events} of shard ${shard} did not come: read them from the service, over HTTP`);
  }
}

/** The topic continues with events of another store, to which the token does not apply. */
export class OtherStore extends Error {
  override name = 'OtherStore';

  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`the topic holds events of ${found} after events of ${expected}: start again, without a token`);
  }
}

/**
 * The log has gone back, after a failover or a restore: events that were read, at positions after those of `token`, are not in it any
 * more, and others have their positions. A reader forgets those and goes on from the token: `readEvents({ after: error.token })`.
 */
export class EpochChanged extends Error {
  override name = 'EpochChanged';

  constructor(
    /** Where to go on. */
    readonly token: string,
    request?: string,
  ) {
    super(
      `${request === undefined ? '' : `${request}: `}the log has gone back: forget what was read at positions after those of ` +
        `${token || 'its beginning'}, and go on from there`,
    );
  }
}

const listed = (lines: readonly string[], count = lines.length) =>
  count > MAX_LISTED_REASONS
    ? `${lines.slice(0, MAX_LISTED_REASONS).join('; ')}; and ${count - MAX_LISTED_REASONS} more`
    : lines.join('; ');
