import type { LocationState } from '#libs/domain';
import {
  type ChangeItem,
  featureOf,
  type Located,
  statementFeatureOf,
  type StatementItem,
} from '#libs/queries';
import { csvHead, csvRow, type Column, type CsvStyle } from './csv.js';
import { stateTypes, statementTypes, tokenColumn } from './column-types.js';
import { changeColumns, stateColumns, statementColumns } from './columns.js';
import { inParquet } from './parquet.js';
import type { TextChunk } from './text-chunk.js';
import type { RowShape } from './row-shape.js';
import { shapes } from './row-shapes.js';

export const FORMATS = ['ndjson', 'csv', 'geojson', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

/** The format of a file, written in chunks as rows come. */
type RowFormat<T> = (pages: AsyncIterable<readonly T[]>) => AsyncGenerator<TextChunk>;

/** The addresses of pages: rows have one where they are given. */
export interface Pages {
  ofPlace: (id: string) => string;
  ofStatement: (id: string) => string;
}

export function stateFormat(format: Format, style: CsvStyle, pages?: Pages): RowFormat<string> {
  const parsed = (state: string) => JSON.parse(state) as LocationState;
  const page = pages && (({ id }: LocationState) => pages.ofPlace(id));
  switch (format) {
    case 'csv':
      return csv(paged(stateColumns, page), parsed, style);
    case 'parquet':
      return inParquet([...stateColumns, tokenColumn], stateTypes, parsed);
    case 'geojson':
      return geojson(shapes.states.geojson(page !== undefined), (text) => {
        const state = parsed(text);
        return featureWith(featureOf(state), page?.(state));
      });
    case 'ndjson':
      return ndjson(shapes.states.ndjson(page !== undefined), (text) => {
        const state = parsed(text);
        return page ? { ...state, pageUrl: page(state) } : state;
      });
  }
}

export function statementFormat(format: Format, style: CsvStyle, pages?: Pages): RowFormat<Located> {
  const itemOf = ({ item }: Located) => item;
  const page = pages && (({ statementId }: StatementItem) => pages.ofStatement(statementId));
  switch (format) {
    case 'csv':
      return csv(paged(statementColumns, page), itemOf, style);
    case 'parquet':
      return inParquet(statementColumns, statementTypes, itemOf);
    case 'geojson':
      return geojson(shapes.statements.geojson(page !== undefined), (located) =>
        featureWith(statementFeatureOf(located), page?.(located.item)),
      );
    case 'ndjson':
      return ndjson(shapes.statements.ndjson(page !== undefined), ({ item }) =>
        page ? { ...item, pageUrl: page(item) } : item,
      );
  }
}

export function changeFormat(
  format: Exclude<Format, 'parquet'>,
  style: CsvStyle,
  pages: Pages,
): RowFormat<ChangeItem> {
  const page = ({ id }: ChangeItem) => pages.ofPlace(id);
  switch (format) {
    case 'csv':
      return csv(paged(changeColumns, page), (change) => change, style);
    case 'geojson':
      return geojson(shapes.changes.geojson(true), (change) => {
        const { coordinates, ...properties } = change;
        const geometry = coordinates && { type: 'Point', coordinates };
        return { type: 'Feature', geometry, properties: { ...properties, pageUrl: page(change) } };
      });
    case 'ndjson':
      return ndjson(shapes.changes.ndjson(true), (change) => ({ ...change, pageUrl: page(change) }));
  }
}

/** The columns, and that of the page. */
const paged = <T>(columns: readonly Column<T>[], page?: (row: T) => string): readonly Column<T>[] =>
  page ? [...columns, { name: 'pageUrl', value: page }] : columns;

const featureWith = (feature: { properties: object }, pageUrl: string | undefined): object =>
  pageUrl === undefined ? feature : { ...feature, properties: { ...feature.properties, pageUrl } };

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
