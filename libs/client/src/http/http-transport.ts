import type { ValidationIssue } from '#libs/domain';
import { ServiceError, type Refusal } from '../errors.js';
import { askForJson, isTransient } from './http-exchange.js';
import type { Outgoing } from '../sending/outgoing.js';
import type { Bounds } from '../sending/send-queue.js';
import type { HttpTarget } from '../target.js';
import type { Transport } from '../sending/transport.js';

/** A result of an array: what was recorded, or a problem. */
interface Result {
  status?: number;
  type?: string;
  detail?: string;
  errors?: ValidationIssue[];
}

/** Statuses with which the service refuses the content of a command; others are about the connection. */
const REFUSED = [400, 404, 409, 413, 422];

/** Statements in arrays, commands one by one, over HTTP. */
export class HttpTransport implements Transport {
  readonly bounds: Bounds = { count: 500, bytes: 2_000_000 };

  private readonly query: string;

  /** @param strict refuse statements that name a party unknown to the ruleset */
  constructor(
    private readonly target: HttpTarget,
    strict = false,
  ) {
    this.query = strict ? '?strict=true' : '';
  }

  joins(first: Outgoing, next: Outgoing): boolean {
    return first.kind === 'statement' && next.kind === 'statement' && first.traceparent === next.traceparent;
  }

  isTransient(error: unknown): boolean {
    return isTransient(error);
  }

  send(batch: readonly Outgoing[], signal: AbortSignal): Promise<Refusal[]> {
    return batch[0]!.kind === 'statement' ? this.statements(batch, signal) : this.command(batch[0]!, signal);
  }

  async close(): Promise<void> {}

  private async statements(batch: readonly Outgoing[], signal: AbortSignal): Promise<Refusal[]> {
    const [{ traceparent }] = batch as [Outgoing];
    const body = `[${batch.map(({ text }) => text).join(',')}]`;
    try {
      const answer = await askForJson(
        this.target,
        { method: 'POST', path: `/v1/statements${this.query}`, body, traceparent },
        signal,
      );
      return resultsOf(answer, batch.length).flatMap((result, at) => refusalOf(batch[at]!, result));
    } catch (error) {
      // A proxy on the way accepts less than the service does.
      if (!(error instanceof ServiceError && error.status === 413)) throw error;
      if (batch.length === 1)
        return [refusal(batch[0]!, { code: error.code ?? 'body-too-large', detail: error.detail })];
      const half = Math.ceil(batch.length / 2);
      this.bounds.count = Math.min(this.bounds.count, half);
      return [
        ...(await this.statements(batch.slice(0, half), signal)),
        ...(await this.statements(batch.slice(half), signal)),
      ];
    }
  }

  private async command(item: Outgoing, signal: AbortSignal): Promise<Refusal[]> {
    try {
      await askForJson(
        this.target,
        {
          method: 'POST',
          path: `/v1/statements/${item.id}/${item.kind}${item.kind === 'void' ? '' : this.query}`,
          body: item.text,
          traceparent: item.traceparent,
        },
        signal,
      );
      return [];
    } catch (error) {
      // `not-found` refers to the path, not to a statement.
      if (
        !(error instanceof ServiceError) ||
        !REFUSED.includes(error.status) ||
        error.code === undefined ||
        error.code === 'not-found'
      )
        throw error;
      return [refusal(item, { code: error.code, detail: error.detail, errors: error.errors })];
    }
  }
}

/** @throws ServiceError where it is not one result for each */
function resultsOf(answer: unknown, count: number): Result[] {
  const { results } = (answer ?? {}) as { results?: unknown };
  if (Array.isArray(results) && results.length === count) return results as Result[];
  throw new ServiceError(
    200,
    undefined,
    `the answer does not hold one result for each of ${count} statements: is this a Claimline?`,
  );
}

/** @throws ServiceError where the service could not, so that the whole array must be sent again */
function refusalOf(item: Outgoing, { status, type, detail = '', errors }: Result): Refusal[] {
  if (status === undefined) return [];
  if (status >= 500) throw new ServiceError(status, undefined, detail);
  return [refusal(item, { code: type?.split(':').at(-1) ?? String(status), detail, errors })];
}

const refusal = (
  { kind, id, text }: Outgoing,
  { code, detail, errors }: { code: string; detail: string; errors?: ValidationIssue[] | undefined },
): Refusal => ({
  statementId: id,
  ...(kind !== 'statement' && { command: kind }),
  code,
  detail,
  ...(errors && { errors }),
  statement: JSON.parse(text) as unknown,
});
