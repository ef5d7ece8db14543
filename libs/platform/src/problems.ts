import { STATUS_CODES } from 'node:http';
import { STORAGE_FAULTS, storageFaultOf } from './postgres/storage-fault.js';

/** One wrong field of an input; `pointer` is a JSON Pointer (RFC 6901). */
export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldProblem[];
  /** Of `epoch-changed`: the token to go on from. */
  token?: string;
  requestId?: string;
  traceId?: string;
}

/** What names a request in its log lines, its problems and, as `X-Request-Id`, its answer; and its trace, where it has one. */
export interface RequestIds {
  requestId: string;
  traceId?: string;
}

/** A refusal on its way to the client of an HTTP request. */
export class Problem extends Error {
  override name = 'Problem';
  /** Of the answer, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The token to go on from, where one is known. */
  readonly token: string | undefined;
  private ids: RequestIds | undefined;

  constructor(
    readonly status: number,
    /** The last part of `urn:claimline:problem:<code>`. */
    readonly code: string,
    detail: string,
    readonly errors?: FieldProblem[],
    {
      headers = {},
      cause,
      token,
    }: { headers?: Readonly<Record<string, string>>; cause?: unknown; token?: string } = {},
  ) {
    super(detail, { cause });
    this.headers = headers;
    this.token = token;
  }

  /** The same as the answer to a request. */
  inAnswerTo(ids: RequestIds): Problem {
    const { headers, token } = this;
    const answer = new Problem(this.status, this.code, this.message, this.errors, { headers, token });
    answer.ids = ids;
    return answer;
  }

  body(): ProblemBody {
    return {
      type: `urn:claimline:problem:${this.code}`,
      title: titleOf(this.code, this.status),
      status: this.status,
      detail: this.message,
      ...(this.errors && { errors: this.errors }),
      ...(this.token !== undefined && { token: this.token }),
      ...this.ids,
    };
  }
}

function titleOf(code: string, status: number): string {
  const words = code.replaceAll('-', ' ');
  return words === '' ? (STATUS_CODES[status] ?? 'Error') : words[0]!.toUpperCase() + words.slice(1);
}

/**
 * Connections refused or lost, the server starting or shutting down, no file descriptor left: these are transient, and the request
 * can be retried.
 */
const PASSING = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EMFILE|ENFILE)$/;

/**
 * The problem for an unexpected error: `store-full`, `store-read-only` or `store-failing` where the disk of the database takes no
 * writes, `store-unavailable` where the database is away, `event-unreadable`, else `internal-error`.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, message } = error as { code?: string; message?: string };
  // Its message names shard, position and id of the event.
  if (code === 'event-unreadable') return new Problem(500, code, message!);
  const storage = storageFaultOf(error);
  if (storage) return new Problem(503, storage, STORAGE_FAULTS[storage]);
  if (code === '57014')
    return new Problem(503, 'query-too-slow', 'the database took too long to answer; ask for less');
  if (
    (code && PASSING.test(code)) ||
    /connection (terminated|timeout)|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
      message ?? '',
    )
  )
    return new Problem(503, 'store-unavailable', 'the database is away at the moment; try again');
  return new Problem(
    500,
    'internal-error',
    'an unexpected error occurred; the log of the service has the details',
  );
}
