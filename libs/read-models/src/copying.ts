import { once } from 'node:events';
import { from } from 'pg-copy-streams';
import type pg from 'pg';

/** What can stand in a column. */
export type Value = string | number | null | readonly string[];

/** The columns of a table, in the order in which values are given for them. */
export interface Table<T> {
  name: string;
  columns: readonly string[];
  values: (row: T) => readonly Value[];
}

/** The form of COPY for rows. */
export function copyLine(values: readonly Value[]): string {
  let line = '';
  for (let at = 0; at < values.length; at++) line += at === 0 ? copyText(values[at]!) : `\t${copyText(values[at]!)}`;
  return `${line}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyText(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : arrayText(value);
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char]!) : text;
}

const arrayText = (items: readonly string[]): string => `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** Writes rows into tables by COPY, gathered into pieces of some size; while one is on its way the next is gathered. */
export class CopyWriter {
  private readonly lines = new Map<Table<never>, string[]>();
  private size = 0;
  private writing: Promise<void> = Promise.resolve();

  /** @param s the schema of the tables, quoted */
  constructor(
    private readonly client: pg.ClientBase,
    private readonly s: string,
  ) {}

  add<T>(table: Table<T>, row: T): void {
    const line = copyLine(table.values(row));
    const lines = this.lines.get(table);
    if (lines) lines.push(line);
    else this.lines.set(table, [line]);
    this.size += line.length;
  }

  /** Sends what is gathered where it is much; waits where the database is slower than its caller. */
  async ease(): Promise<void> {
    if (this.size >= PIECE) await this.flush();
  }

  async close(): Promise<void> {
    await this.flush();
    await this.writing;
  }

  private async flush(): Promise<void> {
    const pieces = [...this.lines].map(([table, lines]) => ({ table, bytes: Buffer.from(lines.join('')) }));
    this.lines.clear();
    this.size = 0;
    await this.writing;
    this.writing = this.write(pieces);
    // Awaited with the next piece; one that fails before must not end the process.
    this.writing.catch(() => {});
  }

  private async write(pieces: readonly { table: Pick<Table<never>, 'name' | 'columns'>; bytes: Buffer }[]): Promise<void> {
    for (const { table, bytes } of pieces) {
      const stream = this.client.query(from(`copy ${this.s}.${table.name} (${table.columns.join(', ')}) from stdin`));
      stream.end(bytes);
      await once(stream, 'finish');
    }
  }
}

const PIECE = 2_000_000;
