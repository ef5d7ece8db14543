import { refuse } from '#libs/domain';
import type { InputLine } from '#libs/commands';
import { csvRows, type CsvRow } from './csv-rows.js';
import { inputLinesOf, MAX_LINE_BYTES } from './input-lines.js';
import type { CellOf, Mapping } from './mapping.js';
import { OWN_COLUMNS, OWN_REQUIRED } from './own-columns.js';
import { peekFirstLine, separatorOf } from './own-header.js';
import { ownStatement } from './own-rows.js';

/**
 * The items of a CSV file: each row a statement, under the line on which it begins.
 * @param mapping of its columns (default: the columns of our own export)
 * @throws Error if the header lacks required columns
 */
export async function* csvLines(
  chunks: AsyncIterable<Uint8Array>,
  mapping?: Mapping,
): AsyncGenerator<InputLine> {
  if (!mapping) {
    yield* ownCsvLines(chunks);
    return;
  }
  let header: Header | undefined;
  for await (const row of csvRows(chunks, { delimiter: mapping.delimiter, maxBytes: MAX_LINE_BYTES })) {
    const { line } = row;
    if (!header) header = headerOf(row, mapping.columns, 'that the mapping names');
    else if ('fault' in row) yield { line, input: refuse('line-malformed', `the row ${row.fault}`) };
    else if (row.cells.length !== header.length) yield { line, input: wrongLength(row.cells, header) };
    else for (const one of mapping.statementsOf(header.cellsOf(row.cells))) yield { line, ...one };
  }
}

/**
 * The items of a file that our own export wrote, even after a spreadsheet has saved it: with another separator, with empty
 * columns and rows at the end.
 */
async function* ownCsvLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  const { firstLine, whole } = await peekFirstLine(chunks);
  const delimiter = separatorOf(firstLine, OWN_COLUMNS);
  let header: Header | undefined;
  for await (const row of csvRows(whole, { delimiter, maxBytes: MAX_LINE_BYTES })) {
    const { line } = row;
    if (!header) {
      header = headerOf(
        row,
        OWN_REQUIRED,
        'of `claimline export statements --format csv`: other files need a --mapping',
      );
      header.hasOnce([...OWN_COLUMNS]);
    } else if ('fault' in row) yield { line, input: refuse('line-malformed', `the row ${row.fault}`) };
    else if (row.cells.every((cell) => cell.trim() === '')) continue;
    else if (!header.reaches(row.cells, OWN_COLUMNS)) yield { line, input: wrongLength(row.cells, header) };
    else yield { line, input: ownStatement(header.cellsOf(row.cells), delimiter !== ',') };
  }
}

/** The items of NDJSON in which each line is an object with foreign columns: top-level names, or JSON Pointers. */
export async function* mappedLines(
  chunks: AsyncIterable<Uint8Array>,
  mapping: Mapping,
): AsyncGenerator<InputLine> {
  for await (const { line, input } of inputLinesOf(chunks))
    if (input.ok)
      for (const one of mapping.statementsOf((column) => cellAt(input.value, column))) yield { line, ...one };
    else yield { line, input };
}

class Header {
  private readonly at = new Map<string, number>();

  constructor(private readonly names: readonly string[]) {
    names.forEach((name, at) => this.at.set(name.trim(), at));
  }

  get length(): number {
    return this.names.length;
  }

  needs(columns: readonly string[], which: string): void {
    const lacking = columns.filter((column) => !this.at.has(column));
    if (lacking.length > 0)
      throw new Error(
        `the file lacks columns ${which}: ${lacking.join(', ')} (it has ${this.names.join(', ').slice(0, 1000)})`,
      );
    this.hasOnce(columns);
  }

  /** @throws Error naming the duplicate columns */
  hasOnce(columns: readonly string[]): void {
    const twice = columns.filter((column) => this.names.filter((name) => name.trim() === column).length > 1);
    if (twice.length > 0) throw new Error(`the file has columns twice: ${twice.join(', ')}`);
  }

  /** Whether a row has a cell for each column that is read, and no text in cells beyond the header. */
  reaches(cells: readonly string[], columns: ReadonlySet<string>): boolean {
    return (
      this.names.every((name, at) => at < cells.length || !columns.has(name.trim())) &&
      cells.slice(this.names.length).every((cell) => cell.trim() === '')
    );
  }

  cellsOf(cells: readonly string[]): (column: string) => string | undefined {
    return (column) => {
      const at = this.at.get(column);
      return at === undefined ? undefined : cells[at];
    };
  }
}

function headerOf(row: CsvRow, columns: readonly string[], which: string): Header {
  if ('fault' in row) throw new Error(`line ${row.line}, the header, ${row.fault}`);
  const header = new Header(row.cells);
  header.needs(columns, which);
  return header;
}

const wrongLength = (cells: readonly string[], header: Header) =>
  refuse('line-malformed', `the row has ${cells.length} cells, the header has ${header.length}`);

function cellAt(row: unknown, column: string): ReturnType<CellOf> {
  const path = column.startsWith('/')
    ? column
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [column];
  let value: unknown = row;
  for (const name of path)
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every(isScalar)) return value.map(cellText);
  return isScalar(value)
    ? cellText(value)
    : { fault: 'is an object, or a list of such, not a text or a number' };
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;
const cellText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
