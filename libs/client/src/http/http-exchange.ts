import type { ValidationIssue } from '#libs/domain';
import { EpochChanged, ServiceError } from '../errors.js';
import { abandonable } from '../retry-policy.js';
import { authorizationOf, type HttpTarget } from '../target.js';

export interface HttpRequest {
  method?: 'GET' | 'POST';
  /** From the service's root, with the query. */
  path: string;
  /** JSON. */
  body?: string;
  accept?: string;
  traceparent?: string | undefined;
}

const TRACEPARENT = /^[0-9a-f-]{55,100}$/;
const REQUEST_TIMEOUT_MS = 30_000;

/** One request and its answer. It must be ended, whether or not the answer was read. */
export class HttpExchange {
  private readonly ending = new AbortController();
  private readonly abort = () => this.ending.abort(this.outer.reason);

  constructor(
    private readonly target: HttpTarget,
    private readonly outer: AbortSignal,
  ) {
    outer.addEventListener('abort', this.abort, { once: true });
    if (outer.aborted) this.abort();
  }

  end(): void {
    this.outer.removeEventListener('abort', this.abort);
    this.ending.abort();
  }

  /** @throws ServiceError where the status is not 2xx; NoAnswer */
  async open({
    method = 'GET',
    path,
    body,
    accept = 'application/json',
    traceparent,
  }: HttpRequest): Promise<Response> {
    const url = `${this.target.url.replace(/\/+$/, '')}${path}`;
    const response = await this.timed(() =>
      fetch(url, {
        method,
        headers: {
          accept,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
          ...authorizationOf(this.target),
          ...this.target.headers,
        },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: this.ending.signal,
      }),
    );
    if (response.ok) return response;
    throw problemOf(response.status, await this.timed(() => response.text()), `${method} ${url}`);
  }

  /**
   * The result of some work on the answer, which is ended where it exceeds the time limit of the target. It rejects as soon
   * as the exchange ends: a read of a body that has arrived just then may never settle.
   * @throws NoAnswer
   */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    const { url, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.target;
    const timer = setTimeout(
      () => this.ending.abort(new Error(`nothing came for ${requestTimeoutMs} ms`)),
      requestTimeoutMs,
    );
    try {
      return await abandonable(work(), this.ending.signal);
    } catch (error) {
      throw new NoAnswer(url, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The JSON answer of the service. @throws ServiceError, also where it is not JSON: then this is not Claimline */
export async function askForJson(
  target: HttpTarget,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const exchange = new HttpExchange(target, signal);
  try {
    const response = await exchange.open(request);
    const text = await exchange.timed(() => response.text());
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new ServiceError(
        response.status,
        undefined,
        `${response.url} answered something that is not JSON: ${text.slice(0, 100)}`,
      );
    }
  } finally {
    exchange.end();
  }
}

const PROBLEM = 'urn:claimline:problem:';

/** The error for a problem (RFC 9457), or for any other body of an answer that is not 2xx. */
export function problemOf(status: number, text: string, request: string): ServiceError | EpochChanged {
  const { type, detail, errors, token } = fieldsOf(text);
  if (type === `${PROBLEM}epoch-changed` && typeof token === 'string')
    return new EpochChanged(token, request);
  return typeof type === 'string' && type.startsWith(PROBLEM)
    ? new ServiceError(status, type.slice(PROBLEM.length), detail ?? type, errors, request)
    : new ServiceError(status, undefined, `${status} ${text.slice(0, 200)}`.trimEnd(), undefined, request);
}

function fieldsOf(text: string): {
  type?: unknown;
  detail?: string;
  errors?: ValidationIssue[];
  token?: unknown;
} {
  try {
    const body = JSON.parse(text) as unknown;
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** No answer came, or not all of it. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';

  constructor(url: string, error: unknown) {
    // The message of fetch is general; its cause has the reason.
    const { message, cause } = error as { message: string; cause?: { message?: string; code?: string } };
    const why = cause?.message || cause?.code;
    super(`${url}: ${message}${why ? `: ${why}` : ''}`, { cause: error });
  }
}

/** Whether the same request may succeed later. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof ServiceError && error.passes);
