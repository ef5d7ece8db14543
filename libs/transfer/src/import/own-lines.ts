import { accept, type Result } from '#libs/domain';
import type { InputLine } from '#libs/commands';
import { inputLinesOf } from './input-lines.js';
import { cutTo } from './mapping.js';
import { noLongerCounting, withFittingEnd } from './own-rows.js';
import { setField, STATEMENT_FIELDS } from './statement-fields.js';

type Fields = Record<string, unknown>;

/** Fields of a statement that our own export shows elsewhere, or in another form. */
const ELSEWHERE: ReadonlyMap<string, (row: Fields) => unknown> = new Map([
  ['/claim/actor', (row) => at(row, '/claim/givenActor') ?? at(row, '/claim/actor')],
  ['/speaker/party', (row) => at(row, '/speaker/givenParty') ?? at(row, '/speaker/party')],
  ['/statedAt', ({ statedAt, statedPrecision }) => cutTo(statedAt, statedPrecision)],
  ['/source/publishedAt', ({ publishedAt, publishedPrecision }) => cutTo(publishedAt, publishedPrecision)],
]);

/** The items of NDJSON: a line is a statement as it is submitted, or one as our own export writes it. */
export async function* ownStatementLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine> {
  for await (const { line, input } of inputLinesOf(chunks))
    yield { line, input: input.ok && isOwn(input.value) ? ownStatement(input.value) : input };
}

/** A submitted statement has no field that only the log can know. */
const isOwn = (row: unknown): row is Fields =>
  typeof row === 'object' &&
  row !== null &&
  ['eventId', 'recordedAt', 'shard', 'position'].every((name) => Object.hasOwn(row, name));

function ownStatement(row: Fields): Result<Fields> {
  const how = ['retracted', 'voided'].find((name) => (row[name] ?? false) !== false);
  if (how !== undefined) return noLongerCounting(how);
  const statement: Fields = {};
  for (const pointer of STATEMENT_FIELDS.keys()) {
    const value = (ELSEWHERE.get(pointer) ?? ((fields: Fields) => at(fields, pointer)))(row) ?? null;
    if (value !== null) setField(statement, pointer, value);
  }
  return accept(withFittingEnd(statement));
}

function at(row: Fields, pointer: string): unknown {
  let value: unknown = row;
  for (const name of pointer.slice(1).split('/'))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Fields)[name]
        : undefined;
  return value;
}
