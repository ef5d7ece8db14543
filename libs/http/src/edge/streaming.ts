import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#libs/access';
import { type Logger, Problem, problemOf } from '#libs/platform';
import { clientOf } from './client.js';
import { encodingFor, packerOf } from './compression.js';
import { idsOf } from './request-trace.js';
import { varyBy } from './vary.js';

/** An answer that is not read for this long is ended, in milliseconds. */
const WRITE_TIMEOUT_MS = 30_000;

/** How many answers may be streamed at once: all together, and those of one client. */
export interface StreamLimits {
  all: number;
  ofClient: number;
}

/** The answers that are being streamed; all of them end when the service stops, and with the key of their caller. */
export class OpenStreams {
  private readonly open = new Map<AbortController, { caller: Caller; client: string }>();
  private readonly clients = new Map<string, number>();

  constructor(private readonly limits: StreamLimits = { all: Infinity, ofClient: Infinity }) {}

  get size(): number {
    return this.open.size;
  }

  /** @throws Problem 429 `too-many-requests`, 503 `streams-full` */
  add(request: FastifyRequest): AbortController {
    const client = clientOf(request);
    const { all, ofClient } = this.limits;
    const ofThis = this.clients.get(client) ?? 0;
    if (ofThis >= ofClient)
      throw new Problem(429, 'too-many-requests', `you have ${ofThis} streams open: end one of them`);
    if (this.size >= all)
      throw new Problem(503, 'streams-full', `${all} streams are open here, as many as may be; try again`);
    const stream = new AbortController();
    this.open.set(stream, { caller: request.caller, client });
    this.clients.set(client, ofThis + 1);
    return stream;
  }

  delete(stream: AbortController): void {
    const client = this.open.get(stream)?.client;
    if (client === undefined) return;
    this.open.delete(stream);
    const left = this.clients.get(client)! - 1;
    if (left === 0) this.clients.delete(client);
    else this.clients.set(client, left);
  }

  closeAll(): void {
    for (const stream of this.open.keys()) stream.abort(stopping());
  }

  /** Ends those whose callers may not go on. */
  closeUnless(mayGoOn: (caller: Caller) => boolean): void {
    for (const [stream, { caller }] of this.open)
      if (!mayGoOn(caller))
        stream.abort(new Problem(401, 'key-unknown', 'the key of this request works no longer'));
  }
}

const stopping = (): Problem =>
  new Problem(503, 'stopping', 'the service is stopping; resume where this ends');

/** Why a stream was ended from here: the Problem that its last piece may name. */
export const endOf = ({ reason }: AbortSignal): Problem => (reason instanceof Problem ? reason : stopping());

/**
 * Answers with text (or its bytes) of any length, piece by piece, no faster than it is read.
 * @param pieces its signal is aborted when the client has gone or the service stops
 * @param writeTimeoutMs how long the client may read nothing, in milliseconds
 * @param flush whether the answer begins at once, or with its first piece; an error before it begins is thrown
 * @param packs whether it is packed for clients that accept it, so that each piece can be unpacked at once
 * @param onError turns an error after the beginning into the last piece; none: the answer is cut off, so that nobody takes it
 * for whole
 * @throws Problem where too many are open, before anything is answered
 */
export async function streamText(
  reply: FastifyReply,
  headers: Record<string, string>,
  pieces: (signal: AbortSignal) => AsyncIterable<string | Uint8Array>,
  {
    streams,
    log,
    writeTimeoutMs = WRITE_TIMEOUT_MS,
    packs = false,
    flush = true,
  }: { streams: OpenStreams; log: Logger; writeTimeoutMs?: number; packs?: boolean; flush?: boolean },
  onError?: (problem: Problem) => string,
): Promise<void> {
  if (packs) varyBy(reply, 'accept-encoding');
  const encoding = packs ? encodingFor(reply.request) : undefined;
  const stream = reply.request.method === 'HEAD' ? undefined : streams.add(reply.request);
  const { raw } = reply;
  const begin = () => {
    if (reply.sent) return;
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as OutgoingHttpHeaders),
      ...headers,
      ...(encoding && { 'content-encoding': encoding }),
    });
  };
  if (!stream) {
    begin();
    return void raw.end();
  }
  const out = encoding ? packerOf(encoding) : raw;
  if (out !== raw) out.pipe(raw);
  raw.once('close', () => {
    stream.abort();
    out.destroy();
  });
  raw.on('error', () => stream.abort());
  if (flush) {
    begin();
    raw.flushHeaders();
  }
  try {
    for await (const piece of pieces(stream.signal)) {
      begin();
      if (!(await write(out, raw, piece, writeTimeoutMs))) break;
    }
    begin();
  } catch (error) {
    if (!reply.sent && !raw.destroyed) throw error;
    begin();
    const problem = problemOf(error).inAnswerTo(idsOf(reply.request));
    const of = { code: problem.code, ...idsOf(reply.request) };
    if (problem.status >= 500 && !stream.signal.aborted) log.error({ err: error, ...of }, 'stream failed');
    if (problem.status === 408) log.warn(of, 'a body stopped coming: the answer ends with the problem');
    if (onError) out.write(onError(problem));
    else raw.destroy();
  } finally {
    streams.delete(stream);
    if (reply.sent) out.end();
  }
}

/** Resolves when more can be written: false where the client has gone, or was cut off because it did not read. */
async function write(
  out: Writable,
  raw: ServerResponse,
  piece: string | Uint8Array,
  writeTimeoutMs: number,
): Promise<boolean> {
  if (raw.destroyed) return false;
  if (out.write(piece)) return true;
  return new Promise((resolve) => {
    const done = (goOn: boolean) => {
      clearTimeout(timer);
      out.off('drain', drained);
      raw.off('close', closed);
      resolve(goOn);
    };
    const drained = () => done(true);
    const closed = () => done(false);
    const timer = setTimeout(() => raw.destroy(), writeTimeoutMs);
    out.on('drain', drained);
    raw.on('close', closed);
  });
}

/**
 * A body as it comes in, until the service stops; one that stops coming is given up. Its connection stays, for the answer.
 * @param idleMs how long it may bring nothing, in milliseconds
 * @throws Problem 408 `body-too-slow`, 503 `stopping`, 401 where the key of its sender has ended
 */
export async function* bodyWithTimeout(
  body: Pick<Readable, 'iterator' | 'resume'>,
  stop: AbortSignal,
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  // A stream that is left destroys itself, and with it the connection.
  const chunks = body.iterator({ destroyOnReturn: false });
  let giveUp: (problem: Problem) => void;
  let timer: NodeJS.Timeout | undefined;
  const end = () => giveUp(endOf(stop));
  stop.addEventListener('abort', end);
  try {
    for (;;) {
      timer = setTimeout(() => giveUp(tooSlow(idleMs)), idleMs);
      const chunk = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject;
        if (stop.aborted) end();
        chunks.next().then(resolve, reject);
      });
      clearTimeout(timer);
      if (chunk.done) return;
      yield chunk.value;
    }
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
    // What still comes is thrown away, so that its sender reads the answer.
    void chunks.return?.().then(() => body.resume());
  }
}

const tooSlow = (idleMs: number): Problem =>
  new Problem(408, 'body-too-slow', `nothing came for ${idleMs / 1000} s`, undefined, {
    headers: { connection: 'close' },
  });
