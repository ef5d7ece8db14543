import type { LocationState } from '#libs/domain';
import { featureOf, statementFeatureOf, type Located } from '#libs/queries';
import { csvHead, csvRow, type Column, type CsvStyle } from './csv.js';
import { stateTypes, statementTypes, tokenColumn } from './column-types.js';
import { stateColumns, statementColumns } from './columns.js';
import { inParquet } from './parquet.js';
import type { TextChunk } from './text-chunk.js';
import type { RowShape } from './row-shape.js';
import { shapes } from './row-shapes.js';

export const FORMATS = ['ndjson', 'csv', 'geojson', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

/** The format of a file, written in chunks as rows come. */
type RowFormat<T> = (pages: AsyncIterable<readonly T[]>) => AsyncGenerator<TextChunk>;

export function stateFormat(format: Format, style: CsvStyle): RowFormat<string> {
  const parsed = (state: string) => JSON.parse(state) as LocationState;
  switch (format) {
    case 'csv':
      return csv(stateColumns, parsed, style);
    case 'parquet':
      return inParquet([...stateColumns, tokenColumn], stateTypes, parsed);
    case 'geojson':
      return geojson(shapes.states.geojson(), (state) => featureOf(parsed(state)));
    case 'ndjson':
      return ndjson(shapes.states.ndjson(), parsed);
  }
}

export function statementFormat(format: Format, style: CsvStyle): RowFormat<Located> {
  const itemOf = ({ item }: Located) => item;
  switch (format) {
    case 'csv':
      return csv(statementColumns, itemOf, style);
    case 'parquet':
      return inParquet(statementColumns, statementTypes, itemOf);
    case 'geojson':
      return geojson(shapes.statements.geojson(), statementFeatureOf);
    case 'ndjson':
      return ndjson(shapes.statements.ndjson(), itemOf);
  }
}

const ndjson = <T>({ write }: RowShape, rowOf: (row: T) => object): RowFormat<T> =>
  text({
    head: '',
    row: (one, parts) => (write(rowOf(one) as never, parts), parts.push('\n')),
    between: '',
    tail: '',
  });

const geojson = <T>({ write }: RowShape, featureOf: (row: T) => object): RowFormat<T> =>
  text({
    head: '{"type":"FeatureCollection","features":[\n',
    row: (one, parts) => write(featureOf(one) as never, parts),
    between: ',\n',
    tail: '\n]}\n',
  });

const csv = <T, R>(columns: readonly Column<R>[], rowOf: (row: T) => R, style: CsvStyle): RowFormat<T> =>
  text({
    head: csvHead(columns, style),
    row: (one, parts) => parts.push(csvRow(columns, rowOf(one), style)),
    between: '',
    tail: '',
  });

interface Text<T> {
  head: string;
  /** Adds the parts of a row. */
  row: (row: T, parts: string[]) => void;
  /** Between rows. */
  between: string;
  tail: string;
}

/** The rows in one chunk, about 32 KiB: with more, joining the parts of each row takes half as long again. */
const ROWS_PER_CHUNK = 32;

const text = <T>({ head, row, between, tail }: Text<T>): RowFormat<T> =>
  async function* (pages) {
    let [parts, rows, first] = [[head], 0, true];
    for await (const page of pages)
      for (const one of page) {
        if (!first) parts.push(between);
        row(one, parts);
        first = false;
        rows += 1;
        if (rows < ROWS_PER_CHUNK) continue;
        yield { text: parts.join(''), rows };
        [parts, rows] = [[], 0];
      }
    parts.push(tail);
    yield { text: parts.join(''), rows };
  };
