/** One column of a CSV export. `text`: other people's words, which a spreadsheet must not take for a formula. */
export interface Column<T> {
  name: string;
  text?: true;
  value: (row: T) => string | number | boolean | null | undefined;
}

/** A line of CSV (RFC 4180), with its end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;

/** A row. @param exact text is given as it is, also where a spreadsheet would run it */
export const csvRow = <T>(columns: readonly Column<T>[], row: T, exact: boolean): string =>
  csvLine(
    columns.map(({ text, value }) => {
      const cell = String(value(row) ?? '');
      return text && !exact ? harmless(cell) : cell;
    }),
  );

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell);

// What spreadsheets begin a formula with, the wide forms of East Asia among them; after an apostrophe it is text. A cell that
// begins with one gets another, so that an import can take exactly one away (libs/intake, own-columns.ts).
const FORMULA = /^['=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

const harmless = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell);
