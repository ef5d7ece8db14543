import { isUtf8 } from 'node:buffer';

/** A row of a CSV text. `line`: the line of the file on which it begins, counted from 1. */
export type CsvRow = { line: number; cells: string[] } | { line: number; fault: string };

export interface CsvOptions {
  /** One ASCII character. */
  delimiter?: string;
  /** The most bytes of a row; a longer one is skipped, and only its line is reported. */
  maxBytes: number;
}

const [QUOTE, NEWLINE, RETURN] = [0x22, 0x0a, 0x0d];
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Splits a stream of bytes into the rows of CSV (RFC 4180; lines may also end with LF alone), in constant memory. An
 * unreadable row is reported with its line, and reading resumes after that line. Blank lines are counted, but not returned.
 */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array>,
  { delimiter = ',', maxBytes }: CsvOptions,
): AsyncGenerator<CsvRow> {
  const rows = new Rows(delimiter.charCodeAt(0), maxBytes);
  for await (const chunk of chunks)
    yield* rows.after(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  yield* rows.end();
}

class Rows {
  /** The bytes not read yet, from the beginning of a row on. */
  private rest: Buffer = Buffer.alloc(0);
  private line = 1;
  private begun = false;
  /** Inside a line that is too long and reported already. */
  private passing = false;

  constructor(
    private readonly separator: number,
    private readonly maxBytes: number,
  ) {}

  /** The rows that one more chunk completes. */
  after(bytes: Buffer): CsvRow[] {
    if (this.passing) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) return [];
      this.passing = false;
      this.line += 1;
      bytes = bytes.subarray(end + 1);
    }
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    return this.begun || this.rest.length >= BOM.length ? this.read(false) : [];
  }

  end(): CsvRow[] {
    return this.read(true);
  }

  private read(last: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let at = !this.begun && this.rest.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
    this.begun = true;
    while (at < this.rest.length) {
      const scanned = scan(this.rest, at, this.separator, last);
      const end = typeof scanned === 'string' ? this.rest.length : scanned.end;
      const tooLong = end - at > this.maxBytes && (typeof scanned !== 'string' || scanned === 'more');
      const found = tooLong ? `is longer than ${this.maxBytes} bytes, or a quote is not closed` : scanned;
      if (found === 'more') break;
      if (typeof found === 'string') {
        rows.push({ line: this.line, fault: found });
        const next = this.rest.indexOf(NEWLINE, at);
        // The end of an overlong line may not have been read yet.
        this.passing = next < 0;
        if (next >= 0) this.line += 1;
        at = next < 0 ? this.rest.length : next + 1;
        continue;
      }
      const row = rowOf(this.rest.subarray(at, found.end), found.cells);
      if (row) rows.push({ line: this.line, ...row });
      this.line += found.lines;
      at = found.end;
    }
    this.rest = this.rest.subarray(at);
    return rows;
  }
}

interface Scanned {
  /** The position of each cell in the row, and whether it is in quotes. */
  cells: { from: number; to: number; quoted: boolean }[];
  end: number;
  lines: number;
}

type CsvFault = 'has text after a closing quote' | 'has a quote that is not closed';

/** One row, from `start` on; `more` if its end has not been read yet. Positions are relative to `start`. */
function scan(bytes: Buffer, start: number, separator: number, last: boolean): Scanned | 'more' | CsvFault {
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

/** The texts of a row; none for a blank line. */
function rowOf(bytes: Buffer, cells: Scanned['cells']): { cells: string[] } | { fault: string } | undefined {
  if (
    cells.length === 1 &&
    !cells[0]!.quoted &&
    bytes.toString('latin1', cells[0]!.from, cells[0]!.to).trim() === ''
  )
    return undefined;
  if (!isUtf8(bytes)) return { fault: 'is not UTF-8' };
  return {
    cells: cells.map(({ from, to, quoted }) => {
      const text = bytes.toString('utf8', from, to);
      return quoted ? text.replaceAll('""', '"') : text;
    }),
  };
}
