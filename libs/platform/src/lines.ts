import { TimeSlice } from '#libs/concurrency';

/** A line of a text that arrives in pieces, counted from 1. `tooLong`: it was longer than allowed and is left out. */
export interface Line {
  number: number;
  bytes: Uint8Array;
  tooLong?: true;
}

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines, in constant memory: a line longer than `maxBytes` is skipped and only reported.
 * Blank lines are counted, but not yielded. Many lines that are there already keep nobody waiting.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  const line = (): Line | undefined => {
    const bytes = length > maxBytes ? new Uint8Array() : Buffer.concat(parts);
    const found: Line | undefined =
      length > maxBytes ? { number, bytes, tooLong: true } : isBlank(bytes) ? undefined : { number, bytes };
    parts = [];
    length = 0;
    number++;
    return found;
  };
  const slice = new TimeSlice();
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      if (slice.isOver()) await slice.rest();
      const end = chunk.indexOf(NEWLINE, start);
      const piece = chunk.subarray(start, end < 0 ? undefined : end);
      length += piece.length;
      if (length <= maxBytes) parts.push(piece);
      if (end < 0) break;
      const found = line();
      if (found) yield found;
      start = end + 1;
    }
  }
  const last = length > 0 ? line() : undefined;
  if (last) yield last;
}

const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
