import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, type ZlibOptions } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { Problem } from '#libs/platform';

const CHUNK_OPTIONS = { chunkSize: 64 * 1024 };
const UNPACKERS: Record<
  string,
  ((options: ZlibOptions) => Transform & { bytesWritten: number }) | undefined
> = {
  __proto__: null as never,
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
const UNPACKED = 'gzip, deflate, br';

/**
 * Lines may unpack to `FREE_BYTES`, and beyond that to `MAX_RATIO` their packed size: statements pack to about a tenth,
 * a decompression bomb to a thousandth.
 */
const FREE_BYTES = 8 * 1024 * 1024;
const MAX_RATIO = 250;
/** The rest of a body that is not read any more is discarded for this long, in milliseconds. */
const DRAIN_TIMEOUT_MS = 30_000;

/** Unpacks bodies by their Content-Encoding. */
export function unpackBodies(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, reply, packed, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
    if (encoding === '' || encoding === 'identity') return done(null, packed);
    const unpacker = UNPACKERS[encoding];
    if (!unpacker) {
      // RFC 9110, 15.5.16
      void reply.header('accept-encoding', UNPACKED);
      return done(
        new Problem(
          415,
          'content-encoding-unsupported',
          `the Content-Encoding of a body must be one of ${UNPACKED}, or left out`,
        ),
      );
    }
    const body = new UnpackedBody(packed, unpacker(CHUNK_OPTIONS), encoding);
    // It may break before it is read, or never be read: a later reader gets the error.
    body.on('error', () => {});
    reply.raw.once('close', () => body.destroy());
    done(null, body);
  });
}

/** Unpacks no faster than it is read, and no more than the limit. */
class UnpackedBody extends Readable {
  /** Fastify compares it with Content-Length. */
  receivedEncodedLength = 0;
  private unpacked = 0;

  constructor(
    private readonly packed: Readable,
    private readonly unpacking: Transform & { bytesWritten: number },
    encoding: string,
  ) {
    super();
    const broken = (why: string) =>
      this.destroy(
        new Problem(400, 'body-malformed', `the body is not valid ${encoding}, its Content-Encoding: ${why}`),
      );
    packed.on('data', (chunk: Buffer) => (this.receivedEncodedLength += chunk.length));
    packed.once('close', () => packed.readableEnded || this.destroy(new Error('the request broke off')));
    packed.once('end', () => this.receivedEncodedLength === 0 && broken('it is empty'));
    unpacking
      .on('data', (chunk: Buffer) => {
        this.unpacked += chunk.length;
        if (this.unpacked > FREE_BYTES + MAX_RATIO * unpacking.bytesWritten)
          this.destroy(
            new Problem(413, 'body-too-large', `the body unpacks to more than ${MAX_RATIO} times its size`),
          );
        else if (!this.push(chunk)) unpacking.pause();
      })
      .on('end', () =>
        unpacking.bytesWritten < this.receivedEncodedLength
          ? broken('data follows after its end')
          : this.push(null),
      )
      .on('error', ({ message }) => broken(message));
    packed.pipe(unpacking);
  }

  override _read(): void {
    this.unpacking.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.packed.unpipe(this.unpacking).resume();
    this.unpacking.destroy();
    if (!this.packed.readableEnded) {
      const timer = setTimeout(() => this.packed.destroy(), DRAIN_TIMEOUT_MS).unref();
      this.packed.once('close', () => clearTimeout(timer));
    }
    done(error);
  }
}
