import { once } from 'node:events';
import { from } from 'pg-copy-streams';
import type { Db } from '#libs/platform';

/** The value of a column. */
export type Value = string | number | boolean | null | readonly string[];

/** A table for writing by COPY: its columns, and their values for a row. */
export interface Table<T> {
  name: string;
  columns: readonly string[];
  values: (row: T) => readonly Value[];
}

/** The form of COPY for a row. */
function copyLine(values: readonly Value[]): string {
  let line = copyText(values[0]!);
  for (let at = 1; at < values.length; at++) line += `\t${copyText(values[at]!)}`;
  return `${line}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyText(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : arrayText(value);
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char]!) : text;
}

const arrayText = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

interface Piece {
  bytes: Buffer;
  length: number;
}

const INITIAL_BUFFER_BYTES = 64 * 1024;

/** Writes rows into tables by COPY, in chunks; while one chunk is sent, the next is collected. */
export class CopyWriter {
  private pieces = new Map<Table<never>, Piece>();
  private size = 0;
  private writing: Promise<void> = Promise.resolve();

  /**
   * @param schema the schema of the tables, quoted
   * @param most the size of a chunk in bytes, over all tables
   */
  constructor(
    private readonly db: Db,
    private readonly schema: string,
    private readonly most: number,
  ) {}

  add<T>(table: Table<T>, row: T): void {
    const line = copyLine(table.values(row));
    let piece = this.pieces.get(table);
    if (!piece)
      this.pieces.set(table, (piece = { bytes: Buffer.allocUnsafe(INITIAL_BUFFER_BYTES), length: 0 }));
    // A character takes at most three bytes for each of its code units.
    const most = piece.length + line.length * 3;
    if (most > piece.bytes.length) piece.bytes = grown(piece, most);
    const written = piece.bytes.write(line, piece.length);
    piece.length += written;
    this.size += written;
  }

  /** Whether the chunk is large enough to send. */
  get isFull(): boolean {
    return this.size >= this.most;
  }

  /** Sends the chunk if it is full; waits if the database is slower than the caller. */
  async flushIfFull(): Promise<void> {
    if (this.isFull) await this.flush();
  }

  async close(): Promise<void> {
    await this.flush();
    await this.writing;
  }

  private async flush(): Promise<void> {
    const { pieces } = this;
    this.pieces = new Map();
    this.size = 0;
    await this.writing;
    this.writing = this.write(pieces);
    // Awaited with the next chunk; a rejection before then must not end the process.
    this.writing.catch(() => {});
  }

  private async write(pieces: Iterable<[Pick<Table<never>, 'name' | 'columns'>, Piece]>): Promise<void> {
    for (const [table, { bytes, length }] of pieces) {
      const stream = this.db.query(
        from(`copy ${this.schema}.${table.name} (${table.columns.join(', ')}) from stdin`),
      );
      stream.end(bytes.subarray(0, length));
      await once(stream, 'finish');
    }
  }
}

function grown({ bytes, length }: Piece, most: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(most, bytes.length * 2));
  bytes.copy(larger, 0, 0, length);
  return larger;
}
