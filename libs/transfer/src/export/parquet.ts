import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Column } from './csv.js';
import type { ColumnTypes } from './column-types.js';
import type { TextChunk } from './text-chunk.js';

/** The writer that a file names in its metadata. */
export const PARQUET_WRITER = 'claimline';

/** The limits of a group of rows, which is in memory until it is written: rows, or about as many characters. */
const GROUP = { rows: 20_000, characters: 16 * 1024 * 1024 };

type Value = string | number | bigint | boolean | readonly string[] | null;

/** A column of Parquet: its part of the schema, and its values of the present group. */
interface Typed<T> {
  name: string;
  schema: SchemaElement[];
  value: (row: T) => Value;
  values: Value[];
}

/** Rows as a Parquet file with the columns of CSV, each with a type of its own; a list is a list. */
export const inParquet =
  <T, R>(columns: readonly Column<R>[], types: ColumnTypes<R>, rowOf: (row: T) => R) =>
  (pages: AsyncIterable<readonly T[]>) =>
    parquet(columns, types, rowOf, pages);

async function* parquet<T, R>(
  columns: readonly Column<R>[],
  types: ColumnTypes<R>,
  rowOf: (row: T) => R,
  pages: AsyncIterable<readonly T[]>,
): AsyncGenerator<TextChunk> {
  const typed = columns.map((column) => typedColumn(column, types));
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [{ name: 'schema', num_children: typed.length }, ...typed.flatMap(({ schema }) => schema)],
    createdBy: PARQUET_WRITER,
  });
  const taken = (rows: number): TextChunk => {
    const bytes = Uint8Array.from(writer.getBytes());
    // The writer counts positions from the beginning of the file, but holds only the bytes not taken yet.
    writer.index = 0;
    return { text: bytes, rows };
  };
  let [rows, characters] = [0, 0];
  const group = async (): Promise<TextChunk> => {
    await file.write({
      columnData: typed.map(({ name, values }) => ({ name, data: values as unknown[], offsetIndex: false })),
      rowGroupSize: rows,
    });
    const piece = taken(rows);
    for (const column of typed) column.values = [];
    [rows, characters] = [0, 0];
    return piece;
  };
  for await (const page of pages)
    for (const one of page) {
      const row = rowOf(one);
      for (const { value, values } of typed) {
        const cell = value(row);
        if (typeof cell === 'string') characters += cell.length;
        values.push(cell);
      }
      rows += 1;
      if (rows === GROUP.rows || characters >= GROUP.characters) yield await group();
    }
  if (rows > 0) yield await group();
  await file.finish();
  yield taken(0);
}

const EXACT = { exact: true };
const TEXT: SchemaElement = {
  name: 'element',
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type: 'REQUIRED',
};

function typedColumn<T>({ name, value }: Column<T>, types: ColumnTypes<T>): Typed<T> {
  const type = types[name];
  const optional = (element: Omit<SchemaElement, 'name'>): SchemaElement[] => [
    { ...element, name, repetition_type: 'OPTIONAL' },
  ];
  const of = (schema: SchemaElement[], typedValue: (row: T) => Value): Typed<T> => ({
    name,
    schema,
    value: typedValue,
    values: [],
  });
  const present =
    <V extends Value>(convert: (cell: string | number | boolean) => V) =>
    (row: T) => {
      const cell = value(row, EXACT);
      return cell === null || cell === undefined ? null : convert(cell);
    };
  switch (type) {
    case undefined:
      throw new Error(`column ${name} has no type`);
    case 'text':
      return of(optional(TEXT), present(String));
    case 'integer':
      return of(optional({ type: 'INT64' }), present(BigInt));
    case 'number':
      return of(optional({ type: 'DOUBLE' }), present(Number));
    case 'boolean':
      return of(optional({ type: 'BOOLEAN' }), present(Boolean));
    case 'time':
      return of(
        optional({
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        }),
        present((time) => BigInt(Date.parse(String(time)))),
      );
    default: {
      const list: SchemaElement = {
        name,
        converted_type: 'LIST',
        logical_type: { type: 'LIST' },
        repetition_type: 'REQUIRED',
        num_children: 1,
      };
      return of([list, { name: 'list', repetition_type: 'REPEATED', num_children: 1 }, TEXT], type.list);
    }
  }
}
