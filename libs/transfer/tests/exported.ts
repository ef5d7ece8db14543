import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordStatements } from '#libs/commands';
import { Register } from '#libs/places';
import {
  ListStatements,
  type PageRequest,
  type Query,
  type QueryExecutor,
  type StatementItem,
} from '#libs/queries';
import {
  exportSchema,
  exportStates,
  exportStatements,
  FORMATS,
  SCHEMA_FORMATS,
  type TextChunk,
} from '#libs/transfer';
import { all, input, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { Random } from '../../../tests/support/random.js';
import { War } from '../../../tests/support/war.js';
import { commandsOn } from '../../../tests/support/commands.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

/** The rare fields of statements, each kind of value once. */
export const RARE = {
  statementId: '0a1b2c3d-0000-4000-8000-000000000001',
  claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80.5 } },
  location: {
    name: 'Rundu',
    country: 'NA',
    within: 'Kavango',
    code: { scheme: 'osm', value: '0077' },
    coordinates: [19.75, -17.925],
  },
  via: ['First; second', 'third'],
  occurredAt: { from: '2021-01-02', precision: 'day' },
  statedAt: '2021-01-03',
  source: {
    outlet: 'rare.example',
    language: 'en',
    documentSha256: 'ab'.repeat(32),
    span: { start: 3, end: 5 },
    quote: 'Late,\n"and rare"',
  },
  grading: { reliability: 'C', credibility: 3 },
  extraction: { method: 'rules', version: '2025-11-1', confidence: 0.5 },
  by: '5:10',
  reason: 'A slip of the pen',
};

/** A statement with required fields only. It is never the earliest. */
const plain = (at: number) =>
  input({
    claim: {
      predicate: 'controls',
      actor: 'russia',
      ...(at % 2 === 0 && { extent: { op: '>', percent: 80 } }),
    },
    location: { id: `war-${at % 10}` },
    statedAt: `2022-03-${String((at % 28) + 1).padStart(2, '0')}`,
  });

/** A store in which only the earliest statement, the last in lists, has the rare fields. */
export async function rareStore() {
  const { store, pool, close } = await openStore();
  const register = new Register(store);
  const war = new War(new Random(7), { places: 10 });
  await register.reconcile(
    Array.from({ length: 10 }, (_, at) => ({ ...war.place(at), id: `war-${at}` as never })),
  );
  const commands = commandsOn(store);
  (await commands.execute(new RecordStatements(Array.from({ length: 60 }, (_, at) => plain(at))))).forEach(
    valueOf,
  );
  (await commands.execute(new RecordStatements([RARE].map((fields) => input(fields))))).forEach(valueOf);
  const { models, projector } = await newGeneration(pool, store);
  await projector.handle(await all(store.readAll()));
  return { models, close };
}

/** The same statements, with all except the last repeated, each under an id of its own, up to a number of rows. */
export async function until(rows: number, models: ModelQueries): Promise<QueryExecutor> {
  const page = await models.statements({}, { limit: 500 });
  if (page === 'cursor-invalid' || page.nextCursor !== null) throw new Error('not one page');
  const [last, ...others] = page.items.toReversed();
  const idOf = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const pageOf = ({ limit, cursor }: PageRequest) => {
    const from = Number(cursor ?? 0);
    const items = Array.from({ length: Math.min(limit, rows - from) }, (_, at): StatementItem =>
      from + at === rows - 1
        ? last!
        : { ...others[(from + at) % others.length]!, statementId: idOf(from + at) },
    );
    return { items, nextCursor: from + limit < rows ? String(from + limit) : null };
  };
  return {
    execute: async <R>(query: Query<R>) =>
      query instanceof ListStatements ? (pageOf(query.page) as R) : models.execute(query),
  };
}

export async function writePieces(file: string, pieces: AsyncIterable<TextChunk>): Promise<number> {
  let rows = 0;
  const parts: Buffer[] = [];
  for await (const piece of pieces) {
    parts.push(Buffer.from(piece.text as string));
    rows += piece.rows;
  }
  writeFileSync(file, Buffer.concat(parts));
  return rows;
}

/** Files `statements` and `states` of every format, with the schemas beside them. */
export async function exportAll(queries: QueryExecutor, folder: string): Promise<void> {
  for (const format of FORMATS) {
    await writePieces(join(folder, `statements.${format}`), exportStatements(queries, {}, { format }));
    await writePieces(join(folder, `states.${format}`), exportStates(queries, {}, {}, { format }));
  }
  for (const format of SCHEMA_FORMATS)
    for (const what of ['statements', 'states'] as const)
      writeFileSync(
        join(folder, `${what}.${format}.schema.json`),
        JSON.stringify(exportSchema(what, format)),
      );
}
