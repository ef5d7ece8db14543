import type { Transform } from 'node:stream';
import { callbackify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
  type BrotliOptions,
  type ZlibOptions,
} from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { varyBy } from './vary.js';

/** Shorter answers fit into two packets and arrive no sooner packed: the state of a place, asked for most, is one of them. */
const MIN_COMPRESSED_BYTES = 2800;
/** Longer answers are packed by another thread; handing over a shorter one costs more than packing it. */
const MAX_SYNC_BYTES = 32 * 1024;

export type Encoding = 'br' | 'gzip';

type Options = ZlibOptions & BrotliOptions;
interface Packer {
  options: Options;
  /** Flushes a stream after each write. */
  flush: number;
  now: (whole: string | Buffer, options: Options) => Buffer;
  later: (
    whole: string | Buffer,
    options: Options,
    done: (error: Error | null, packed: Buffer) => void,
  ) => void;
  stream: (options: Options) => Transform;
}

// The levels with the best ratio of savings to cost (docs/decisions/067-packed-bodies-and-answers.md).
const PACKERS: Record<Encoding, Packer> = {
  br: {
    options: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
    flush: constants.BROTLI_OPERATION_FLUSH,
    now: brotliCompressSync,
    later: brotliCompress,
    stream: createBrotliCompress,
  },
  gzip: {
    options: { level: 3 },
    flush: constants.Z_SYNC_FLUSH,
    now: gzipSync,
    later: gzip,
    stream: createGzip,
  },
};
const ENCODINGS = Object.keys(PACKERS) as Encoding[];

/** The types of negotiator lack the option that orders encodings of equal weight. */
interface Preferring {
  encoding(available: readonly string[], options: { preferred: readonly string[] }): string | undefined;
}

/** The encoding that the client prefers; undefined: none. */
export function encodingFor({ headers }: FastifyRequest): Encoding | undefined {
  const asked = headers['accept-encoding'];
  if (asked === undefined) return undefined;
  const negotiator: Preferring = new Negotiator({ headers: { 'accept-encoding': asked } });
  const best = negotiator.encoding([...ENCODINGS, 'identity'], { preferred: ENCODINGS });
  return best === 'identity' ? undefined : (best as Encoding | undefined);
}

/** Packs a stream: each write can be unpacked at once. */
export const packerOf = (encoding: Encoding): Transform =>
  PACKERS[encoding].stream({ ...PACKERS[encoding].options, flush: PACKERS[encoding].flush });

/** What is sent many times is packed as well as can be in 0.1 s, which another thread spends once. */
const keptOptions = (encoding: Encoding, length: number): Options =>
  encoding === 'gzip'
    ? { level: 6 }
    : { params: { [constants.BROTLI_PARAM_QUALITY]: length < MAX_BEST_BYTES ? 9 : 6 } };
const MAX_BEST_BYTES = 1024 * 1024;

type Packed = Partial<Record<Encoding, Promise<Buffer>>>;

/**
 * Packs answers for clients that accept it. A Buffer never changes and is sent again, so it is packed once, and better. The ETag
 * stays: it would have to identify the exact bytes only for range requests, and there are none.
 */
export function packAnswers(fastify: FastifyInstance): void {
  const kept = new WeakMap<Buffer, Packed>();
  fastify.addHook('onSend', (request, reply, payload: string | Buffer | null | undefined, done) => {
    const length = payload?.length ?? 0;
    if (length < MIN_COMPRESSED_BYTES && reply.statusCode !== 304) return done();
    varyBy(reply, 'accept-encoding');
    const encoding = length < MIN_COMPRESSED_BYTES ? undefined : encodingFor(request);
    if (encoding === undefined) return done();
    void reply.header('content-encoding', encoding);
    const whole = payload!;
    const { now, options } = PACKERS[encoding];
    if (typeof whole === 'string' && length < MAX_SYNC_BYTES) return done(null, now(whole, options));
    callbackify(() => packed(whole, encoding, kept))((error: Error | null, bytes) =>
      done(error as null, bytes),
    );
    return undefined;
  });
}

/** @param kept takes what becomes of a Buffer */
function packed(whole: string | Buffer, encoding: Encoding, kept: WeakMap<Buffer, Packed>): Promise<Buffer> {
  const { options, later } = PACKERS[encoding];
  const pack = (by: Options) =>
    new Promise<Buffer>((resolve, reject) => {
      later(whole, by, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    });
  if (typeof whole === 'string') return pack(options);
  const known = kept.get(whole) ?? {};
  kept.set(whole, known);
  return (known[encoding] ??= pack(keptOptions(encoding, whole.length)));
}
