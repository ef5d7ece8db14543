import { open } from 'node:fs/promises';
import { stateColumns, statementColumns } from './columns.js';
import { csvHead, DELIMITERS } from './csv.js';
import type { Format } from './forms.js';

/** What a file holds: states, statements (timelines too), or the log of a store. */
export type Held = { what: 'states' | 'statements'; format: Format } | { what: 'log'; storeId: string };

/** The first line that has a row is not longer. */
const MOST = 1024 * 1024;

const GEOJSON = '{"type":"FeatureCollection","features":[\n';

/** Keys that only our own rows have together. */
const KEYS = { states: ['id', 'status', 'rule', 'control', 'rulesetVersion'], statements: ['statementId', 'eventId', 'recordedAt', 'shard', 'position'] };

/** Whether an export of that kind wrote a file and nobody has saved it otherwise since, or it is empty: so another may take its place. */
export async function isOwnFile(file: string, held: Held): Promise<boolean> {
  const head = await headOf(file);
  if (head === '') return true;
  const [first = '', second = ''] = head.split('\n', 2);
  if (held.what === 'log') {
    const row = objectIn(first);
    return row?.claimline === 'log' && row.storeId === held.storeId;
  }
  const { what, format } = held;
  if (format === 'csv') return isOwnHeader(head, what);
  if (format === 'ndjson') return isOwnRow(objectIn(first), what);
  if (!head.startsWith(GEOJSON)) return false;
  return second === '' ? head === `${GEOJSON}\n]}\n` : isOwnRow(objectIn(second.replace(/,$/, ''))?.properties, what);
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST), 0, MOST, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Every name in quotes, as no other program writes them; there may be other columns behind the first ones. */
function isOwnHeader(head: string, what: 'states' | 'statements'): boolean {
  const columns = (what === 'states' ? stateColumns : statementColumns).slice(0, 4);
  return DELIMITERS.some((delimiter) => head.replace(/^\uFEFF/, '').startsWith(`${csvHead(columns, { delimiter }).trimEnd()}${delimiter}"`));
}

const isOwnRow = (row: unknown, what: 'states' | 'statements'): boolean => typeof row === 'object' && row !== null && KEYS[what].every((key) => Object.hasOwn(row, key));

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
