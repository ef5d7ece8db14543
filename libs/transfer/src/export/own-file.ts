import { open } from 'node:fs/promises';
import { stateColumns, statementColumns } from './columns.js';
import { csvHead, DELIMITERS } from './csv.js';
import type { Format } from './formats.js';
import { SCHEMA_TITLE } from './export-schema.js';
import { PARQUET_WRITER } from './parquet.js';
import { rowKeys } from './row-shapes.js';

/** The content of a file: states, statements (timelines too), or the log of a store. */
export type Held = { what: 'states' | 'statements'; format: Format } | { what: 'log'; storeId: string };

/** Longer than the first line with a row, and than the metadata (writer and columns) at the end of Parquet. */
const MAX_LINE_BYTES = 1024 * 1024;

const GEOJSON = '{"type":"FeatureCollection","features":[\n';

/** Whether an export of that kind wrote a file, not saved by another program since, or it is empty: it may be overwritten. */
export async function isOwnFile(file: string, held: Held): Promise<boolean> {
  const head = await partOf(file, 'head');
  if (head === '') return true;
  const [first = '', second = ''] = head.split('\n', 2);
  if (held.what === 'log') {
    const row = objectIn(first);
    return row?.claimline === 'log' && row.storeId === held.storeId;
  }
  const { what, format } = held;
  if (format === 'csv') return isOwnHeader(head, what);
  if (format === 'parquet') return head.startsWith('PAR1') && isOwnFooter(await partOf(file, 'tail'), what);
  if (format === 'ndjson') return hasKeys(objectIn(first), rowKeys[what].ndjson());
  if (!head.startsWith(GEOJSON)) return false;
  return second === ''
    ? head === `${GEOJSON}\n]}\n`
    : hasKeys(objectIn(second.replace(/,$/, ''))?.properties, rowKeys[what].geojson());
}

async function partOf(file: string, part: 'head' | 'tail'): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const from = part === 'head' ? 0 : Math.max(0, (await handle.stat()).size - MAX_LINE_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_LINE_BYTES), 0, MAX_LINE_BYTES, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Whether a schema of an export wrote a file, or it is empty. */
export async function isOwnSchema(file: string): Promise<boolean> {
  const text = await partOf(file, 'head');
  return text === '' || SCHEMA_TITLE.test(String(objectIn(text)?.title));
}

/** All columns, every name in quotes: other programs do not write them so. */
const isOwnHeader = (head: string, what: 'states' | 'statements'): boolean =>
  DELIMITERS.some((delimiter) =>
    head
      .replace(/^\uFEFF/, '')
      .startsWith(csvHead(what === 'states' ? stateColumns : statementColumns, { delimiter })),
  );

const isOwnFooter = (tail: string, what: 'states' | 'statements'): boolean =>
  [PARQUET_WRITER, ...(what === 'states' ? stateColumns : statementColumns).map(({ name }) => name)].every(
    (name) => tail.includes(name),
  );

/** Foreign keys make it a foreign file. */
const hasKeys = (row: unknown, keys: readonly string[]): boolean =>
  typeof row === 'object' &&
  row !== null &&
  Object.keys(row).length === keys.length &&
  keys.every((key) => Object.hasOwn(row, key));

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
