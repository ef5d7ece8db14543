import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { type Logger, Problem, problemOf } from '#libs/platform';

/** An answer that nobody reads for so long is ended, in milliseconds. */
const UNREAD = 30_000;
/** A body that brings nothing for so long is given up, in milliseconds. */
const SILENT = 60_000;

/** The answers that are being streamed; all of them end when the service stops. */
export class OpenStreams {
  private readonly closing = new AbortController();

  get signal(): AbortSignal {
    return this.closing.signal;
  }

  closeAll(): void {
    this.closing.abort();
  }
}

/**
 * Answers with text of any length, piece by piece, no faster than it is read.
 * @param pieces told by its signal when the client has gone
 * @param onError turns an error in the midst of it into the last piece
 */
export async function streamText(
  reply: FastifyReply,
  headers: Record<string, string>,
  pieces: (signal: AbortSignal) => AsyncIterable<string>,
  log: Logger,
  onError: (problem: Problem) => string,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  raw.on('error', () => gone.abort());
  raw.writeHead(200, headers);
  raw.flushHeaders();
  try {
    for await (const piece of pieces(gone.signal)) if (!(await write(raw, piece, gone.signal))) break;
  } catch (error) {
    const problem = problemOf(error);
    if (!gone.signal.aborted) {
      if (problem.status >= 500) log.error({ err: error, code: problem.code }, 'stream failed');
      raw.write(onError(problem));
    }
  } finally {
    raw.end();
  }
}

/** False where the client has gone, or has not read for 30 s. */
async function write(raw: ServerResponse, piece: string, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted) return false;
  if (raw.write(piece)) return true;
  try {
    await once(raw, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(UNREAD)]) });
    return true;
  } catch {
    raw.destroy();
    return false;
  }
}

/**
 * A body as it comes in, until the service stops; one that stops coming is given up.
 * @throws Problem 408 `body-too-slow`, 503 `stopping`
 */
export async function* arriving(body: AsyncIterable<Uint8Array> & { destroy(error: Error): void }, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  const giveUp = () => body.destroy(new Problem(408, 'body-too-slow', `nothing came for ${SILENT / 1000} s`));
  const stopping = () => body.destroy(new Problem(503, 'stopping', 'the service stops; send the rest again'));
  stop.addEventListener('abort', stopping);
  let timer = setTimeout(giveUp, SILENT);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(giveUp, SILENT);
    }
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', stopping);
  }
}
