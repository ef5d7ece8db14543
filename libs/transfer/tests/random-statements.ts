import fc from 'fast-check';
import {
  claimEvent,
  parseStatement,
  PREDICATES,
  recordedStatement,
  type LocationId,
  type Statement,
} from '#libs/domain';
import {
  itemOf,
  locatedAt,
  LocateStatements,
  type Query,
  type QueryExecutor,
  type StatementItem,
} from '#libs/queries';
import { exportStatements, type FormatOptions } from '#libs/transfer';
import { NOW, ruleset } from '../../../tests/support/test-log.js';

const PIECES = [
  '=1+1',
  '+',
  '-',
  '@',
  "'",
  '"',
  ',',
  ';',
  '; ',
  '|',
  '\\',
  ' ',
  'a',
  'TASS',
  'Купʼянськ',
  '80',
  '5:10',
  '😀',
  '\u{ff1d}',
  'true',
  'NULL',
];
const LINES = ['\n', '\r\n', '\r', '\t', '\u2028'];

const textOf = (pieces: readonly string[], maxLength: number) =>
  fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength })
    .map((parts) => parts.join('').trim())
    .filter((text) => text !== '');
const text = textOf(PIECES, 6);
const quote = textOf([...PIECES, ...LINES, ...LINES], 14);
const id = fc.constantFrom('gn-703656', 'war-7', '7');

const time = fc.oneof(
  fc
    .date({
      min: new Date('1901-01-01T00:00:00Z'),
      max: new Date('2025-12-30T00:00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    '1999',
    '2025',
    '2024-02',
    '2025-11',
    '2025-11-20',
    '2024-02-29',
    '2025-11-20T00:00:00Z',
    '2025-11-20T02:30:00+02:00',
    '2025-11-20T23:59:59.999-05:00',
  ),
);
const percent = fc.oneof(
  fc.constantFrom(80, 100, 80.5, 2.9e-7, 1e-15, 33.333333333333336),
  fc.double({ min: 1e-9, max: 100, noNaN: true }),
);
const degrees = (most: number) =>
  fc.oneof(fc.constantFrom(0, -0.0000004, most, -most), fc.double({ min: -most, max: most, noNaN: true }));
const coordinates = fc.tuple(degrees(180), degrees(90));
const optional = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const interval = fc
  .record(
    {
      from: time,
      to: time,
      precision: fc.constantFrom('year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'time'),
    },
    { requiredKeys: ['from'] },
  )
  // Ends on the day on which it begins, too.
  .chain((given) =>
    fc.constantFrom(
      given,
      { ...given, to: given.from.slice(0, 10) },
      { ...given, to: given.from.slice(0, 4) },
    ),
  );

const input = fc.record(
  {
    statementId: fc.uuid(),
    stance: fc.constantFrom('assert', 'deny'),
    claim: fc.record(
      {
        predicate: fc.constantFrom(...PREDICATES),
        actor: fc.oneof(fc.constantFrom('russia', 'Russia', 'DNR', 'ДНР', 'Ukrainian military'), text),
        extent: fc.oneof(
          fc.record({ op: fc.constantFrom('=', '>', '>=', '<', '<='), percent }),
          fc.record({ part: text }),
        ),
        target: text,
        modality: fc.constantFrom('actual', 'intended', 'conditional'),
        certainty: fc.constantFrom('plain', 'hedged'),
      },
      { requiredKeys: ['predicate', 'actor'] },
    ),
    location: fc.oneof(
      fc.record({ id, coordinates }, { requiredKeys: ['id'] }),
      fc.record(
        {
          name: text,
          country: fc.constantFrom('UA', 'ru'),
          region: text,
          within: text,
          coordinates,
          code: fc.record({ scheme: fc.constantFrom('osm', 'geonames'), value: text }),
        },
        { requiredKeys: ['name'] },
      ),
      fc.record(
        {
          code: fc.record({ scheme: fc.constant('geonames'), value: fc.constantFrom('689304', 'x 7') }),
          coordinates,
        },
        { requiredKeys: ['code'] },
      ),
    ),
    speaker: optional({
      name: text,
      role: text,
      party: fc.oneof(fc.constantFrom('dnr', 'DNR', "Donetsk People's Republic", 'UKRAINE'), text),
    }),
    via: fc.array(text, { maxLength: 4 }),
    occurredAt: interval,
    statedAt: time,
    source: fc.record(
      {
        outlet: text,
        url: fc.webUrl(),
        publishedAt: time,
        language: fc.constantFrom('en', 'uk', 'sr-Latn'),
        documentSha256: fc.stringMatching(/^[0-9a-f]{64}$/),
        span: fc.tuple(fc.nat(), fc.nat()).map(([start, length]) => ({ start, end: start + length })),
        quote,
      },
      { requiredKeys: ['outlet'] },
    ),
    grading: optional({
      reliability: fc.constantFrom('A', 'F'),
      credibility: fc.integer({ min: 1, max: 6 }),
    }),
    extraction: optional({
      method: text,
      version: fc.constantFrom('1.0.0', '1.10', '2'),
      confidence: fc.oneof(
        fc.constantFrom(0, 1, 0.9999899864196777),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    }),
    by: text,
    reason: text,
  },
  { requiredKeys: ['stance', 'claim', 'location', 'source', 'statedAt'] },
);

/** Valid random statements, with any of the fields. */
export const statements: fc.Arbitrary<Statement> = input
  .map((given) => parseStatement(given, NOW))
  .filter((outcome) => outcome.ok)
  .map((outcome) => outcome.value);

/** As a timeline shows it. */
export function shown(statement: Statement): StatementItem {
  const event = {
    ...claimEvent(statement, 'place' as LocationId, 'salt'),
    shard: 3,
    position: 12,
    recordedAt: NOW,
    digest: '',
  };
  const quotes = new Map([[statement.id as string, statement.content.source?.quote ?? null]]);
  const places = new Map([['place', { id: 'place' as LocationId, name: 'A place', coordinates: null }]]);
  return itemOf(
    {
      locationId: 'place',
      said: recordedStatement(event),
      entry: { ...event.data, ...(event.by !== undefined && { by: event.by }) },
      remarks: null,
    },
    ruleset,
    { quotes, places },
    {},
  );
}

/** The parts that must come back: the id, the digest of the content, and the fields beside it. */
export const kept = ({ id, digest, grading, extraction, by, reason }: Statement) => ({
  id,
  digest: digest.toString('hex'),
  grading,
  extraction,
  by,
  reason,
});

/** The text of an export of them, as a store would give it. */
export async function exported(all: readonly Statement[], options: FormatOptions): Promise<Buffer> {
  const queries = answering((query) =>
    query instanceof LocateStatements
      ? query.items.map((item) => locatedAt(item, null))
      : { items: all.map(shown), nextCursor: null },
  );
  const pieces = [];
  for await (const { text } of exportStatements(queries, {}, options))
    pieces.push(Buffer.from(text as string));
  return Buffer.concat(pieces);
}

/** Queries that are answered without a store. */
export const answering = (answer: (query: Query<unknown>) => unknown): QueryExecutor => ({
  execute: async <R>(query: Query<R>) => answer(query) as R,
});
