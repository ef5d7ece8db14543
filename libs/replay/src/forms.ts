import type { LocationState } from '#libs/domain';
import { featureOf, statementFeatureOf, type Located } from '#libs/read-models';
import { csvHead, csvRow, type Column, type CsvStyle } from './csv.js';
import { stateColumns, statementColumns } from './columns.js';
import { type Piece, PIECE_LENGTH } from './piece.js';

export const FORMATS = ['ndjson', 'csv', 'geojson'] as const;
export type Format = (typeof FORMATS)[number];

/** How rows become a text. */
interface Form<T> {
  head: string;
  row: (row: T) => string;
  /** Between rows. */
  between: string;
  tail: string;
}

export function stateForm(format: Format, style: CsvStyle): Form<string> {
  const parsed = (state: string) => JSON.parse(state) as LocationState;
  if (format === 'csv') return csv(stateColumns, parsed, style);
  return format === 'geojson' ? geojson((state) => featureOf(parsed(state))) : ndjson((state) => state);
}

export function statementForm(format: Format, style: CsvStyle): Form<Located> {
  if (format === 'csv') return csv(statementColumns, ({ item }: Located) => item, style);
  if (format === 'ndjson') return ndjson(({ item }) => JSON.stringify(item));
  return geojson(statementFeatureOf);
}

const ndjson = <T>(row: (row: T) => string): Form<T> => ({ head: '', row: (one) => `${row(one)}\n`, between: '', tail: '' });

const geojson = <T>(feature: (row: T) => object): Form<T> => ({
  head: '{"type":"FeatureCollection","features":[\n',
  row: (one) => JSON.stringify(feature(one)),
  between: ',\n',
  tail: '\n]}\n',
});

const csv = <T, R>(columns: readonly Column<R>[], rowOf: (row: T) => R, style: CsvStyle): Form<T> => ({
  head: csvHead(columns, style),
  row: (one) => csvRow(columns, rowOf(one), style),
  between: '',
  tail: '',
});

/** The text of an export, piece by piece, as its rows come. */
export async function* inForm<T>({ head, row, between, tail }: Form<T>, pages: AsyncIterable<readonly T[]>): AsyncGenerator<Piece> {
  let [text, rows, first] = [head, 0, true];
  for await (const page of pages)
    for (const one of page) {
      text += first ? row(one) : between + row(one);
      first = false;
      rows += 1;
      if (text.length < PIECE_LENGTH) continue;
      yield { text, rows };
      [text, rows] = ['', 0];
    }
  yield { text: text + tail, rows };
}
