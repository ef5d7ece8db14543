import { accept, validationIssues, refuse, printable, type ValidationIssue, type Result } from '#libs/domain';
import { z } from 'zod';
import { DateForm } from './date-form.js';
import { linksIn, MAX_LINKS, rowLinks } from './row-links.js';
import { setField, STATEMENT_FIELDS, type FieldType } from './statement-fields.js';

// A mapping file: how the columns of a foreign file become statements. docs/export-and-import.md explains it.

const pointer = z
  .string()
  .refine(
    (to) => STATEMENT_FIELDS.has(to),
    'is not a field of a statement: it must be a JSON Pointer such as /claim/predicate',
  );

const entry = z
  .strictObject({
    to: pointer,
    value: z.union([z.string(), z.number()]).optional(),
    values: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
    otherwise: z.enum(['refuse', 'keep', 'leave-out']).optional(),
    date: z.string().min(1).max(100).optional(),
    offset: z
      .string()
      .regex(/^(Z|[+-]\d\d:\d\d)$/, 'must be Z or an offset such as +02:00')
      .optional(),
    precision: z.string().min(1).optional(),
    separator: z.string().min(1).max(10).optional(),
  })
  .superRefine(({ to, value, otherwise, values, date, offset, precision, separator }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const type = STATEMENT_FIELDS.get(to);
    if (value !== undefined && [values, date, precision, separator].some((one) => one !== undefined))
      fault(
        'value',
        'cannot be combined with other settings: it is the value of every cell that is not empty',
      );
    if (otherwise !== undefined && !values) fault('otherwise', 'goes with values');
    if (date !== undefined && type !== 'time') fault('date', `${to} is no time`);
    if (precision !== undefined && type !== 'time') fault('precision', `${to} is no time`);
    if (offset !== undefined && date === undefined) fault('offset', 'goes with date');
    if (separator !== undefined && type !== 'list' && type !== 'numbers')
      fault('separator', `${to} is no list`);
    if (date !== undefined)
      try {
        new DateForm(date);
      } catch (error) {
        fault('date', (error as Error).message);
      }
  });

/** One target or several; its pointer alone is the short form. */
const targets = z.preprocess(
  (given) => [given].flat().map((one: unknown) => (typeof one === 'string' ? { to: one } : one)),
  z.array(entry).min(1, 'needs a field of a statement'),
);

const mappingSchema = z.strictObject({
  sources: rowLinks.optional(),
  columns: z
    .record(z.string().min(1), targets)
    .refine((columns) => Object.keys(columns).length > 0, 'needs at least one column'),
  constants: z.record(pointer, z.union([z.string(), z.number(), z.array(z.string())])).optional(),
  empty: z.array(z.string()).optional(),
  delimiter: z
    .string()
    .regex(/^[\t\x20-\x7e]$/, 'must be one ASCII character')
    .refine((one) => one !== '"', 'must not be a quote')
    .optional(),
});

type Entry = z.output<typeof entry>;

/** The text of a column, or the texts of a list; undefined if there is none. Any other column is a fault. */
export type CellOf = (column: string) => string | readonly string[] | undefined | { fault: string };

/** The mapping of rows to statements. */
export class Mapping {
  readonly delimiter: string;
  /** Every column that it reads. */
  readonly columns: readonly string[];
  private readonly entries: (Entry & { column: string; form: DateForm | undefined })[];
  private readonly constants: [string, string | number | string[]][];
  private readonly empty: ReadonlySet<string>;
  private readonly sources: z.output<typeof rowLinks> | undefined;

  private constructor({
    columns,
    constants = {},
    empty = [],
    delimiter = ',',
    sources,
  }: z.output<typeof mappingSchema>) {
    this.sources = sources;
    this.delimiter = delimiter;
    this.entries = Object.entries(columns).flatMap(([column, entries]) =>
      entries.map((one) => ({
        ...one,
        column,
        form: one.date === undefined ? undefined : new DateForm(one.date, one.offset),
      })),
    );
    this.columns = [
      ...new Set([
        ...this.entries.flatMap(({ column, precision }) =>
          precision === undefined ? [column] : [column, precision],
        ),
        ...(sources ? [sources.column] : []),
      ]),
    ];
    this.constants = Object.entries(constants);
    this.empty = new Set(['', ...empty]);
  }

  /** Reads a mapping. @returns all its faults, if there are any */
  static parse(json: unknown): { ok: true; mapping: Mapping } | { ok: false; faults: ValidationIssue[] } {
    const parsed = mappingSchema.safeParse(json);
    if (!parsed.success) return { ok: false, faults: validationIssues(parsed.error) };
    const mapping = new Mapping(parsed.data);
    const seen = new Map<string, string>();
    const faults = mapping.entries.flatMap(({ to, column }) => {
      const before = seen.get(to);
      seen.set(to, column);
      return before === undefined
        ? []
        : [{ pointer: `/columns/${column}`, detail: `goes to ${to}, as ${before} does` }];
    });
    // The fields that each statement of a row must have of its own.
    for (const to of mapping.sources ? ['/source/url', '/statementId'] : [])
      if (seen.has(to) || mapping.constants.some(([pointer]) => pointer === to))
        faults.push({
          pointer: '/sources',
          detail: `cannot be combined with ${to}: each link makes a statement, whose id derives from it`,
        });
    return faults.length > 0 ? { ok: false, faults } : { ok: true, mapping };
  }

  /** The statements of a row: one, or one for each link, in order, if the mapping names a column of links. */
  statementsOf(cellOf: CellOf): { link?: string; input: Result<Record<string, unknown>> }[] {
    const input = this.statementOf(cellOf);
    const cell = this.sources && this.cell(cellOf(this.sources.column));
    if (cell === undefined || !input.ok) return [{ input }];
    const refused = (fault: string) => [
      { input: refuse('line-malformed', `/source/url (column "${this.sources!.column}") ${fault}`) },
    ];
    if (isFault(cell)) return refused(cell.fault);
    const links = linksIn(cell, this.sources!.separator);
    if (links.length > MAX_LINKS) return refused(`has ${links.length} links: ${MAX_LINKS} at the most`);
    const statements = links.map((link) => {
      const statement = structuredClone(input.value);
      setField(statement, '/source/url', link);
      return { ...(links.length > 1 && { link }), input: accept(statement) };
    });
    return statements.length > 0 ? statements : [{ input }];
  }

  /** The statement of a row as a worker would submit it, not validated; or every unreadable cell. */
  statementOf(cellOf: CellOf): Result<Record<string, unknown>> {
    const statement: Record<string, unknown> = {};
    const faults: ValidationIssue[] = [];
    for (const [to, value] of this.constants) setField(statement, to, value);
    for (const one of this.entries) {
      const cell = this.cell(cellOf(one.column));
      if (cell === undefined) continue;
      const precision = one.precision === undefined ? undefined : this.cell(cellOf(one.precision));
      const read = isFault(cell) ? cell : isFault(precision) ? precision : valueOf(cell, one, precision);
      if ('fault' in read) faults.push({ pointer: one.to, detail: `(column "${one.column}") ${read.fault}` });
      else if (read.value !== undefined) setField(statement, one.to, read.value);
    }
    if (faults.length === 0) return accept(statement);
    return refuse(
      'line-malformed',
      faults.length === 1
        ? `${faults[0]!.pointer} ${faults[0]!.detail}`
        : `${faults.length} cells cannot be read`,
      faults,
    );
  }

  private cell(given: ReturnType<CellOf>): ReturnType<CellOf> {
    if (typeof given !== 'string') return given;
    const text = given.trim();
    return this.empty.has(text) ? undefined : text;
  }
}

const isFault = (cell: ReturnType<CellOf>): cell is { fault: string } =>
  typeof cell === 'object' && 'fault' in cell;

type Read = { value: unknown } | { fault: string };

/** The value of a cell that is not empty; undefined if the field is left out. */
function valueOf(
  cell: string | readonly string[],
  { to, value, values, otherwise = 'refuse', form, separator = ';' }: Entry & { form: DateForm | undefined },
  precision?: string | readonly string[],
): Read {
  const type = STATEMENT_FIELDS.get(to)!;
  if (value !== undefined) return { value };
  if (type === 'list' || type === 'numbers') {
    const texts = (typeof cell === 'string' ? cell.split(separator) : cell)
      .map((one) => one.trim())
      .filter((one) => one !== '');
    return type === 'list' ? { value: texts } : numbersOf(texts);
  }
  if (typeof cell !== 'string' || (precision !== undefined && typeof precision !== 'string'))
    return { fault: 'is a list, not a text or a number' };
  return valueOfText(cell, type, { values, otherwise, form }, precision);
}

function numbersOf(texts: readonly string[]): Read {
  const wrong = texts.find((text) => !Number.isFinite(numberOf(text)));
  return wrong === undefined
    ? { value: texts.map(numberOf) }
    : { fault: `"${short(wrong)}" is not a number` };
}

/** Numbers as in JSON, and with a leading plus or zeros. */
const numberOf = (text: string): number =>
  /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;

function valueOfText(
  text: string,
  type: FieldType,
  { values, otherwise, form }: Pick<Entry, 'values' | 'otherwise'> & { form: DateForm | undefined },
  precision?: string,
): Read {
  if (values && Object.hasOwn(values, text)) return { value: values[text] ?? undefined };
  if (values && otherwise === 'leave-out') return { value: undefined };
  if (values && otherwise === 'refuse')
    return { fault: `"${short(text)}" is none of the values that the mapping names` };
  if (type === 'time') return timeOf(text, form, precision);
  if (type === 'number')
    return Number.isFinite(numberOf(text))
      ? { value: numberOf(text) }
      : { fault: `"${short(text)}" is not a number` };
  return { value: text };
}

/** The number of characters of a time that each precision keeps. */
const LENGTHS = new Map([
  ['year', 4],
  ['month', 7],
  ['day', 10],
  ['time', Infinity],
]);

/** A time of our own export, cut to its precision. */
export const cutTo = (time: unknown, precision: unknown): unknown =>
  typeof time === 'string' ? time.slice(0, LENGTHS.get(String(precision)) ?? Infinity) : time;

function timeOf(
  text: string,
  form: DateForm | undefined,
  precision = 'time',
): { value: string } | { fault: string } {
  const length = LENGTHS.get(precision);
  if (length === undefined)
    return {
      fault: `has the precision "${short(precision)}", which is none of ${[...LENGTHS.keys()].join(', ')}`,
    };
  const time = form ? form.read(text) : text;
  return time === undefined
    ? { fault: `"${short(text)}" is not of the form ${form!.form}` }
    : { value: time.slice(0, length) };
}

const short = (text: string) => printable(text, 60);
