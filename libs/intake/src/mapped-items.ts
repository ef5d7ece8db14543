import { refuse, type Outcome } from '#libs/domain';
import type { Item } from '#libs/event-store';
import { csvRows } from './csv-rows.js';
import { itemsOf, LINE_BYTES } from './items.js';
import type { CellOf, Mapping } from './mapping.js';
import { asWritten, OWN_MARKS, OWN_REQUIRED, ownMapping } from './own-columns.js';

/**
 * The items of a CSV file: each row a statement, under the line on which it begins.
 * @param mapping of its columns; without one they are those that our own export writes
 * @throws Error where the header lacks columns that are needed
 */
export async function* csvItems(chunks: AsyncIterable<Uint8Array>, mapping?: Mapping): AsyncGenerator<Item> {
  let header: Header | undefined;
  for await (const row of csvRows(chunks, { delimiter: mapping?.delimiter, maxBytes: LINE_BYTES })) {
    const { line } = row;
    if (!header) {
      if ('fault' in row) throw new Error(`line ${line}, the header, ${row.fault}`);
      header = new Header(row.cells);
      header.needs(mapping?.columns ?? OWN_REQUIRED, mapping ? 'that the mapping names' : 'of `claimline export statements --format csv`: other files need a --mapping');
    } else if ('fault' in row) yield { line, input: refuse('line-malformed', `the row ${row.fault}`) };
    else if (row.cells.length !== header.length) yield { line, input: refuse('line-malformed', `the row has ${row.cells.length} cells, the header has ${header.length}`) };
    else if (mapping) for (const one of mapping.statementsOf(header.cellsOf(row.cells))) yield { line, ...one };
    else yield { line, input: ownStatement(header.cellsOf(row.cells)) };
  }
}

/** The items of NDJSON in which each line is an object with columns of somebody else's: top-level names, or JSON Pointers. */
export async function* mappedItems(chunks: AsyncIterable<Uint8Array>, mapping: Mapping): AsyncGenerator<Item> {
  for await (const { line, input } of itemsOf(chunks))
    if (input.ok) for (const one of mapping.statementsOf((column) => cellAt(input.value, column))) yield { line, ...one };
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
    if (lacking.length > 0) throw new Error(`the file lacks columns ${which}: ${lacking.join(', ')} (it has ${this.names.join(', ').slice(0, 1000)})`);
    const twice = columns.filter((column) => this.names.filter((name) => name.trim() === column).length > 1);
    if (twice.length > 0) throw new Error(`the file has columns twice: ${twice.join(', ')}`);
  }

  cellsOf(cells: readonly string[]): (column: string) => string | undefined {
    return (column) => {
      const at = this.at.get(column);
      return at === undefined ? undefined : cells[at];
    };
  }
}

function ownStatement(cellOf: (column: string) => string | undefined): Outcome<unknown> {
  const mark = OWN_MARKS.find((column) => cellOf(column) === 'true');
  if (mark !== undefined) return refuse('line-malformed', `the statement was ${mark}, and would count again: leave it out, or restore the log instead`);
  return ownMapping((column) => cellOf(column) !== undefined).statementOf((column) => {
    const cell = cellOf(column);
    return cell === undefined ? undefined : asWritten(cell);
  });
}

function cellAt(row: unknown, column: string): ReturnType<CellOf> {
  const path = column.startsWith('/') ? column.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')) : [column];
  let value: unknown = row;
  for (const name of path) value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every(isScalar)) return value.map(textOf);
  return isScalar(value) ? textOf(value) : { fault: 'is an object, or a list of such, not a text or a number' };
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
