import { guarded } from '../csv-cell.js';

export const DELIMITERS: readonly string[] = [',', ';', '\t'];

/** The style of a CSV export. */
export interface CsvStyle {
  /** Text as it is, even if a spreadsheet would run it as a formula. */
  exact?: boolean;
  /** Default: a comma. */
  delimiter?: string;
  /** Begins with a byte order mark, by which Excel knows that the text is UTF-8. */
  excel?: boolean;
}

type Value = string | number | boolean | null | undefined;

/** One column of a CSV export. `text`: other people's words, which a spreadsheet must not take for a formula. */
export interface Column<T> {
  name: string;
  text?: true;
  value: (row: T, style: CsvStyle) => Value;
}

/** The header (RFC 4180), with its end. */
export const csvHead = (
  columns: readonly Pick<Column<never>, 'name'>[],
  { delimiter = ',', excel = false }: CsvStyle,
): string => `${excel ? '\uFEFF' : ''}${columns.map(({ name }) => quoted(name)).join(delimiter)}\r\n`;

/**
 * A row. Every text is in quotes. Numbers and truth values are not, because Polars would read them as text; nor is an empty
 * cell, because it would not be null.
 */
export function csvRow<T>(columns: readonly Column<T>[], row: T, style: CsvStyle): string {
  const { delimiter = ',', exact = false } = style;
  let [line, between] = ['', ''];
  for (const { text, value } of columns) {
    line += between;
    between = delimiter;
    const cell = value(row, style);
    if (typeof cell === 'string') line += cell === '' ? '' : quoted(text && !exact ? guarded(cell) : cell);
    else if (cell !== null && cell !== undefined) line += cell;
  }
  return `${line}\r\n`;
}

const quoted = (cell: string): string => `"${cell.includes('"') ? cell.replaceAll('"', '""') : cell}"`;
