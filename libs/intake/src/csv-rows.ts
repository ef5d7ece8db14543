import { isUtf8 } from 'node:buffer';

/** A row of a CSV text. `line`: of the file, counted from 1, on which it begins. */
export type CsvRow = { line: number; cells: string[] } | { line: number; fault: string };

export interface CsvOptions {
  /** One ASCII character. */
  delimiter?: string;
  /** A longer row is passed over and only named. */
  maxBytes: number;
}

const [QUOTE, NEWLINE, RETURN] = [0x22, 0x0a, 0x0d];
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts a stream of bytes into the rows of CSV (RFC 4180; lines may also end with LF alone), in constant memory. A row that
 * cannot be read is told with its line, and reading goes on after that line. Blank lines are counted, but not given.
 */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>, { delimiter = ',', maxBytes }: CsvOptions): AsyncGenerator<CsvRow> {
  const separator = delimiter.charCodeAt(0);
  let rest: Buffer = Buffer.alloc(0);
  let [line, begun] = [1, false];
  function* read(last: boolean): Generator<CsvRow> {
    if (!begun && (rest.length >= BOM.length || last)) {
      begun = true;
      if (rest.subarray(0, BOM.length).equals(BOM)) rest = rest.subarray(BOM.length);
    }
    let at = 0;
    while (begun && at < rest.length) {
      const scanned = scan(rest, at, separator, last);
      const tooLong = scanned === 'more' ? rest.length - at > maxBytes : typeof scanned !== 'string' && scanned.end - at > maxBytes;
      if (scanned === 'more' && !tooLong) break;
      if (typeof scanned === 'string' || tooLong) {
        const fault = tooLong ? `is longer than ${maxBytes} bytes, or a quote is not closed` : (scanned as Fault);
        const end = rest.indexOf(NEWLINE, at);
        // Of a line that is too long itself its end may not have come yet.
        if (end < 0 && !last && tooLong) return yield* passOver(fault);
        yield { line: line++, fault };
        at = end < 0 ? rest.length : end + 1;
        continue;
      }
      const row = rowOf(rest.subarray(at, scanned.end), scanned.cells);
      if (row) yield { line, ...row };
      line += scanned.lines;
      at = scanned.end;
    }
    rest = rest.subarray(at);
  }
  let passing = false;
  function* passOver(fault: string): Generator<CsvRow> {
    passing = true;
    rest = Buffer.alloc(0);
    yield { line, fault };
  }
  for await (const chunk of chunks) {
    let bytes: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (passing) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) continue;
      passing = false;
      line += 1;
      bytes = bytes.subarray(end + 1);
    }
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    yield* read(false);
  }
  yield* read(true);
}

interface Scanned {
  /** Where each cell lies in the row, and whether it is in quotes. */
  cells: { from: number; to: number; quoted: boolean }[];
  end: number;
  lines: number;
}

type Fault = 'has text after a closing quote' | 'has a quote that is not closed';

/** One row, from `start` on; `more` where its end has not come yet. Positions are relative to `start`. */
function scan(bytes: Buffer, start: number, separator: number, last: boolean): Scanned | 'more' | Fault {
  const cells: Scanned['cells'] = [];
  let [at, lines] = [start, 1];
  for (;;) {
    let [from, to, quoted] = [at, at, false];
    if (bytes[at] === QUOTE) {
      quoted = true;
      from = ++at;
      for (;;) {
        if (at >= bytes.length) return last ? 'has a quote that is not closed' : 'more';
        const byte = bytes[at]!;
        if (byte === NEWLINE) lines++;
        if (byte === QUOTE) {
          if (bytes[at + 1] !== QUOTE) break;
          at++;
        }
        at++;
      }
      to = at++;
    } else {
      while (at < bytes.length && bytes[at] !== separator && bytes[at] !== NEWLINE) at++;
      to = bytes[at] === NEWLINE && bytes[at - 1] === RETURN && at > from ? at - 1 : at;
    }
    if (at >= bytes.length && !last) return 'more';
    if (quoted && bytes[at] === RETURN && bytes[at + 1] === NEWLINE) at++;
    else if (quoted && bytes[at] === RETURN && at + 1 >= bytes.length) {
      if (!last) return 'more';
      at++;
    }
    cells.push({ from: from - start, to: to - start, quoted });
    if (at >= bytes.length) return { cells, end: at, lines };
    if (bytes[at] === NEWLINE) return { cells, end: at + 1, lines };
    if (bytes[at] !== separator) return 'has text after a closing quote';
    at++;
  }
}

/** The texts of a row; nothing of a blank line. */
function rowOf(bytes: Buffer, cells: Scanned['cells']): { cells: string[] } | { fault: string } | undefined {
  if (cells.length === 1 && !cells[0]!.quoted && bytes.toString('latin1', cells[0]!.from, cells[0]!.to).trim() === '') return undefined;
  if (!isUtf8(bytes)) return { fault: 'is not UTF-8' };
  return {
    cells: cells.map(({ from, to, quoted }) => {
      const text = bytes.toString('utf8', from, to);
      return quoted ? text.replaceAll('""', '"') : text;
    }),
  };
}
