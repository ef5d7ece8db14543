import { root } from '../address/address.js';
import { type QueryChange, searchOf } from '../address/query.js';

/** A problem that the API answered (RFC 9457); status 0 where no answer came. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** The address of an API path as `v1/locations`, for a request or for a reader to copy. */
export const apiAddress = (path: string, query: QueryChange = {}): string =>
  new URL(path + searchOf(query), root).href;

interface Problem {
  type?: string;
  title?: string;
  detail?: string;
}

/** Sends a request and reads the JSON of its answer. @throws ApiProblem; the reason of the signal, once it is aborted */
export async function request<T>(address: string, options: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: 'same-origin', ...options });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new ApiProblem(0, 'unreachable', (error as Error).message);
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const code = problem.type?.replace('urn:claimline:problem:', '') ?? `status-${response.status}`;
  throw new ApiProblem(response.status, code, problem.detail ?? problem.title ?? response.statusText);
}

/** Asks for what the browser may have kept: it sends the ETag that it knows. */
export const get = <T>(path: string, query: QueryChange = {}, signal?: AbortSignal): Promise<T> =>
  request<T>(apiAddress(path, query), { cache: 'no-cache', ...(signal && { signal }) });
