import { endOfPeriod, parseMoment, printable, refuse, type ValidationIssue, type Result } from '#libs/domain';
import { itemsOfCell, unguarded } from '../csv-cell.js';
import type { CellOf } from './mapping.js';
import { OWN_DECIMALS, OWN_GIVEN, OWN_MARKS, OWN_TIMES, ownMapping } from './own-columns.js';
import { truthOf } from './truth-cell.js';

/** The cell of a column; undefined if there is no such column. */
type RawCell = (column: string) => string | undefined;

const ESCAPING: ReadonlyMap<string | undefined, (cell: string) => string> = new Map([
  ['apostrophe', unguarded],
  ['none', (cell: string) => cell],
  // Files from before the column: their cells have an apostrophe at the beginning alone.
  [undefined, (cell: string) => (/^'['=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? cell.slice(1) : cell)],
]);

/**
 * The statement of a row that our own export wrote, even after a spreadsheet or another program has saved it.
 * @param decimalComma whether numbers may have one, as where the file's separator is no comma
 */
export function ownStatement(rawCell: RawCell, decimalComma: boolean): Result<Record<string, unknown>> {
  const faults = OWN_MARKS.flatMap((column): ValidationIssue[] => {
    const cell = rawCell(column) ?? '';
    return truthOf(cell) === undefined
      ? [{ pointer: '', detail: `(column "${column}") "${printable(cell, 60)}" is neither true nor false` }]
      : [];
  });
  const escaping = ESCAPING.get(rawCell('escaping')?.trim());
  if (!escaping)
    faults.push({
      pointer: '',
      detail: `(column "escaping") "${printable(rawCell('escaping')!, 60)}" is none of apostrophe, none`,
    });
  if (!escaping || faults.length > 0)
    return refuse('line-malformed', faults.map(({ detail }) => detail).join('; '), faults);
  const how = ['retracted', 'voided'].find((column) => truthOf(rawCell(column) ?? ''));
  if (how !== undefined) return noLongerCounting(how);
  const isOlder = rawCell('escaping') === undefined;
  const cellOf: CellOf = (column) => {
    const cell = rawCell(given(column, rawCell));
    if (cell === undefined) return undefined;
    if (OWN_DECIMALS.has(column))
      return decimalComma ? cell.replace(/^(\s*[+-]?\d+),(\d+\s*)$/, '$1.$2') : cell;
    const text = escaping(cell);
    if (column === 'via' && !isOlder) return itemsOfCell(text);
    const precision = OWN_TIMES.get(column);
    return precision === undefined ? text : timeText(text, Boolean(rawCell(precision)?.trim()));
  };
  const read = ownMapping((column) => rawCell(column) !== undefined).statementOf(cellOf);
  return read.ok ? { ...read, value: withFittingEnd(read.value) } : read;
}

export const noLongerCounting = (how: string): Result<never> =>
  refuse(
    'line-malformed',
    `the statement was ${how}, and would count again: leave it out, or restore the log instead`,
  );

/** The column of a party or actor as it was given, if it has one with a value; else the column itself. */
function given(column: string, rawCell: RawCell): string {
  const other = OWN_GIVEN.get(column);
  return other !== undefined && rawCell(other)?.trim() ? other : column;
}

/**
 * A time of our own export is in UTC, even if a program has removed the zone.
 * @param isPrecise whether another column gives its precision: then a date means its start
 */
function timeText(cell: string, isPrecise: boolean): string {
  const text = cell.trim();
  const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?$/.test(text) ? `${text}Z` : text;
  return isPrecise ? (parseMoment(zoned)?.at ?? text) : zoned;
}

/**
 * The end of an interval is exported as the start of the day, month or year that was given. If that is before the start of
 * the interval, it is turned back into the day, month or year.
 */
export function withFittingEnd(statement: Record<string, unknown>): Record<string, unknown> {
  const { occurredAt } = statement as { occurredAt?: { from?: unknown; to?: unknown } };
  if (typeof occurredAt?.from !== 'string' || typeof occurredAt.to !== 'string') return statement;
  const [from, to] = [parseMoment(occurredAt.from), parseMoment(occurredAt.to)];
  if (!from || !to || from.at <= endOfPeriod(to)) return statement;
  const fitting = [10, 7, 4]
    .map((length) => to.at.slice(0, length))
    .find((text) => {
      const moment = parseMoment(text);
      return moment?.at === to.at && from.at <= endOfPeriod(moment);
    });
  return fitting === undefined ? statement : { ...statement, occurredAt: { ...occurredAt, to: fitting } };
}
