import { statementsOf } from '../statements.js';

/** A request that is as large, or as hostile, as the service takes it or just refuses it. */
export interface LoopRequest {
  name: string;
  what: string;
  path: string;
  /** GET without one. Each run sends another body where repeats would be recognised. */
  body?: (run: number) => string | Buffer;
  type?: string;
  accept?: string;
  status: number;
}

export const PLACES = 2000;
/** The place that the long timelines are of. */
export const LONG = 'war-0';

const NDJSON = 'application/x-ndjson';
const GEOJSON = 'application/geo+json';
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MOST = 1000;
const MOST_VALUES = 100_000;

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const filled = (bytes: number, around: (text: string) => string, unit: string) =>
  around(unit.repeat(Math.floor((bytes - Buffer.byteLength(around(''))) / Buffer.byteLength(unit))));

const plain = (label: string, change: object = {}) => ({
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia' },
  location: { id: LONG },
  speaker: { name: `Speaker ${label}`, party: 'russia' },
  statedAt: '2025-11-20T10:00:00Z',
  ...change,
});
/** A thousand statements that fill the largest body with their quotes. */
const quoted = (run: number, unit: string) =>
  JSON.stringify(
    times(MOST, (at) =>
      plain(`${unit} ${run} ${at}`, {
        source: { outlet: 'x', quote: unit.repeat(Math.floor(8000 / Buffer.byteLength(unit))) },
      }),
    ),
  );
/** A thousand statements with every field, each name of its own. */
const whole = (run: number) =>
  JSON.stringify(
    times(MOST, (at) => ({
      statementId: `${String(run).padStart(8, '0')}-0000-4000-8000-${String(at).padStart(12, '0')}`,
      stance: 'deny',
      claim: {
        predicate: 'captured',
        actor: 'ukraine',
        extent: { op: '>', percent: 80 },
        target: 'ї'.repeat(500),
        modality: 'actual',
        certainty: 'hedged',
      },
      location: {
        name: `Місто ${run} ${at} ${'ї'.repeat(150)}`,
        region: 'Х'.repeat(100),
        country: 'UA',
        coordinates: { lat: 49.7, lon: 37.6 },
      },
      speaker: { name: `Ї ${at} ${'п'.repeat(150)}`, role: 'ч'.repeat(300), party: 'ukraine' },
      via: times(20, (n) => `${n} ${'é'.repeat(25)}`),
      statedAt: '2025-11-20T10:00:00+02:00',
      source: {
        outlet: 'example.org',
        url: `https://example.org/${'a'.repeat(700)}/${at}`,
        publishedAt: '2025-11-20',
        language: 'uk',
        documentSha256: 'A'.repeat(64),
        span: { start: 1, end: 2 },
        quote: 'ї'.repeat(500),
      },
      occurredAt: { from: '2025-11-19', to: '2025-11-20', precision: 'day' },
      grading: { reliability: 'A', credibility: 1 },
      extraction: { method: 'm', version: '1', confidence: 0.5 },
      by: 'б'.repeat(200),
      reason: 'ч'.repeat(500),
    })),
  );
const unknown = (items: number, fields: number) =>
  JSON.stringify(
    times(items, (item) =>
      Object.fromEntries(times(fields, (at) => [`field-${item}-${at}-${'x'.repeat(50)}`, at])),
    ),
  );
const ordinary = (run: number, count: number) => statementsOf(count, PLACES, `loop-${run}-${count}`);
const lines = (of: readonly unknown[]) => of.map((one) => JSON.stringify(one)).join('\n');

const array = { path: '/v1/statements/batch', status: 200 };
const ndjson = { path: '/v1/statements', type: NDJSON, status: 200 };
const one = { path: '/v1/statements' };

export const WRITES: LoopRequest[] = [
  {
    ...array,
    name: 'array',
    what: '1,000 ordinary statements',
    body: (run) => JSON.stringify(ordinary(run, MOST)),
  },
  {
    ...array,
    name: 'array-latin',
    what: '1,000 statements, 8 MB with their quotes',
    body: (run) => quoted(run, 'said so '),
  },
  {
    ...array,
    name: 'array-cyrillic',
    what: 'the same with Cyrillic quotes',
    body: (run) => quoted(run, 'їжак '),
  },
  { ...array, name: 'array-again', what: 'the same once more: repeats', body: (run) => quoted(run, 'їжак ') },
  {
    ...array,
    name: 'array-dry',
    what: 'the same as a dry run, strict',
    path: '/v1/statements/batch?dryRun=true&strict=true',
    body: (run) => quoted(run + 100, 'їжак '),
  },
  {
    ...array,
    name: 'array-fields',
    what: '1,000 statements with every field, 8 MB, places not known',
    body: whole,
  },
  {
    ...array,
    name: 'array-wrong',
    what: '1,000 objects of 98 unknown fields, 7 MB',
    body: () => unknown(MOST, 98),
  },
  {
    ...array,
    name: 'array-wrong-long',
    what: '20 objects of 4,900 unknown fields, 7 MB',
    body: () => unknown(20, 4900),
  },
  {
    ...array,
    name: 'array-numbers',
    what: '1,000 lists of 98 numbers of 80 digits, 8 MB',
    body: () => `[${times(MOST, () => `[${times(98, () => `0.${'123456789'.repeat(9)}`).join()}]`).join()}]`,
  },
  {
    ...array,
    name: 'array-escapes',
    what: '64 texts of 128 kB, each letter escaped',
    body: () => JSON.stringify(times(64, () => 0)).replaceAll('0', `"${'\\u0457'.repeat(21_800)}"`),
  },
  {
    ...array,
    name: 'array-blank',
    what: '8 MB of blanks around a list, refused',
    status: 413,
    body: () => filled(MAX_BODY_BYTES, (text) => `[${text}]`, ' '),
  },
  {
    ...one,
    name: 'keys',
    what: 'an object of 500,000 fields',
    status: 413,
    body: () => JSON.stringify(Object.fromEntries(times(500_000, (at) => [`k${at}`, at]))),
  },
  {
    ...one,
    name: 'keys-most',
    what: 'an object of 4,900 fields, 600 kB',
    status: 422,
    body: () => unknown(1, 4900).slice(1, -1),
  },
  {
    ...one,
    name: 'values-most',
    what: `a list of ${MOST_VALUES} values too many`,
    status: 413,
    body: () => JSON.stringify(times(2 * MOST_VALUES, () => 0)),
  },
  {
    ...one,
    name: 'deep',
    what: '8 MB of opening brackets',
    status: 400,
    body: () => '['.repeat(MAX_BODY_BYTES - 1),
  },
  {
    ...one,
    name: 'text',
    what: 'a text of 8 MB',
    status: 413,
    body: () => filled(MAX_BODY_BYTES, (text) => `{"by":"${text}"}`, 'ї'),
  },
  {
    ...one,
    name: 'not-utf8',
    what: '8 MB of texts with a wrong byte at the end',
    status: 400,
    body: () => {
      const bytes = Buffer.from(JSON.stringify(times(130, () => 'ї'.repeat(32_000))));
      bytes[bytes.length - 3] = 0xff;
      return bytes;
    },
  },
  {
    ...ndjson,
    name: 'ndjson',
    what: '10,000 ordinary statements as NDJSON, a receipt for each',
    path: '/v1/statements?results=all',
    body: (run) => lines(ordinary(run, 10_000)),
  },
  {
    ...ndjson,
    name: 'ndjson-line',
    what: 'a line of 1 MB, and one of 4,900 fields',
    body: () => `${filled(1024 * 1024, (text) => `{"by":"${text}"}`, 'ї')}\n${unknown(1, 4900).slice(1, -1)}`,
  },
  {
    ...ndjson,
    name: 'ndjson-long',
    what: '64 lines of 120 kB, each letter escaped',
    body: () => times(64, () => `"${'\\u0457'.repeat(20_000)}"`).join('\n'),
  },
  {
    ...ndjson,
    name: 'ndjson-wrong',
    what: '1,000 lines of 98 unknown fields, 7 MB',
    body: () => lines(JSON.parse(unknown(MOST, 98)) as unknown[]),
  },
  { ...ndjson, name: 'ndjson-short', what: '100,000 lines of one digit', body: () => '1\n'.repeat(100_000) },
  { ...ndjson, name: 'ndjson-blank', what: '8 million blank lines', body: () => '\n'.repeat(MAX_BODY_BYTES) },
  {
    name: 'place',
    what: 'a place of 500 names of 200 letters',
    path: '/v1/locations',
    status: 201,
    body: (run) =>
      JSON.stringify({
        id: `loop-${run}`,
        names: times(500, (at) => ({ name: `${at} ${'Ї'.repeat(190)}` })),
      }),
  },
  {
    name: 'ruleset',
    what: 'a ruleset of 4,800 names of 80 letters, with a fault',
    path: '/v1/replays',
    status: 422,
    body: () =>
      JSON.stringify({
        kind: 'rebuild',
        ruleset: {
          version: 'x'.repeat(2000),
          sides: [{ id: 'ours', name: 'Ours', belligerent: true, adversaries: [] }],
          parties: times(12, (party) => ({
            id: `party-${party}`,
            side: 'ours',
            names: times(400, (at) => `${party} ${at} ${'ї'.repeat(80)}`),
          })),
        },
      }),
  },
];

const read = (name: string, what: string, path: string, accept?: string, status = 200): LoopRequest => ({
  name,
  what,
  path,
  status,
  ...(accept !== undefined && { accept }),
});
const POINT = 'asOf=2026-11-20&knownAt=2026-12-31';

export const READS: LoopRequest[] = [
  read('places', '500 places', '/v1/locations?limit=500'),
  read('places-map', 'the same as GeoJSON', '/v1/locations?limit=500', GEOJSON),
  read('places-past', '500 places as of a moment', `/v1/locations?limit=500&${POINT}`),
  read(
    'places-q',
    'places by a name of 200 letters',
    `/v1/locations?limit=500&q=${encodeURIComponent('їжак'.repeat(50))}`,
  ),
  read(
    'places-filter',
    'a filter of 5,000 values, refused',
    `/v1/locations?status=${times(5000, (at) => `claimed${at}`).join()}`,
    undefined,
    422,
  ),
  read(
    'parameters',
    '5,000 unknown parameters, refused',
    `/v1/locations?${times(5000, (at) => `p${at}`).join('&')}`,
    undefined,
    422,
  ),
  read(
    'cursor',
    'a cursor of 12,000 letters, refused',
    `/v1/locations?cursor=${'W1tb'.repeat(3000)}`,
    undefined,
    422,
  ),
  read(
    'timeline',
    '500 statements about a place, with quotes of 8 kB',
    `/v1/locations/${LONG}/timeline?limit=500`,
  ),
  read('timeline-map', 'the same as GeoJSON', `/v1/locations/${LONG}/timeline?limit=500`, GEOJSON),
  read('timeline-past', 'the same as of a moment', `/v1/locations/${LONG}/timeline?limit=500&${POINT}`),
  read('place-past', 'that place as of a moment', `/v1/locations/${LONG}?${POINT}`),
  read('place-history', 'its history', `/v1/locations/${LONG}/history?limit=500&${POINT}`),
  read('place-compare', 'it at two moments', `/v1/locations/${LONG}/compare?a=2025-01-01&b=now&limit=500`),
  read('statements', '500 statements, newest first', '/v1/statements?limit=500'),
  read('statements-map', 'the same as GeoJSON', '/v1/statements?limit=500', GEOJSON),
  read('changes', '500 changes', '/v1/changes?limit=500'),
  read('events', '500 events', '/v1/events?limit=500'),
  read('events-all', 'the whole log as NDJSON', '/v1/events', NDJSON),
  read(
    'events-places',
    'events of 50 places and all types',
    `/v1/events?limit=500&locations=${times(50, (at) => `war-${at}`).join()}`,
  ),
  read('audit', '500 commands', '/v1/audit?limit=500'),
  read('rulesets', 'rulesets', '/v1/rulesets?limit=500'),
  read('parties', 'parties', '/v1/parties'),
  read('proof', 'the checkpoint', '/v1/checkpoint'),
  read('openapi', 'the description', '/openapi.json'),
  read('metrics', 'metrics', '/metrics'),
];
