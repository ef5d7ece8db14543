// Schemas of the answers, for /openapi.json. What comes in is described by the validators themselves.

const text = { type: 'string' };
const number = { type: 'integer' };
const time = { type: 'string', format: 'date-time' };
const uuid = { type: 'string', format: 'uuid' };
const orNull = (schema: { type: string }) => ({ ...schema, type: [schema.type, 'null'] });
const list = (items: object) => ({ type: 'array', items });
const object = (properties: Record<string, object>, optional: string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const page = (items: object) => object({ items: list(items), nextCursor: orNull(text) });

const status = { enum: ['contested', 'conceded', 'corroborated', 'claimed', 'relinquished', 'denied', 'unclaimed'] };
const standing = { enum: ['disputed', 'conceded', 'corroborated', 'claimed', 'withdrawn', 'denied'] };
const coordinates = { type: ['array', 'null'], items: { type: 'number' } };
const extent = { type: ['object', 'null'] };

const evidence = object({ side: text, party: orNull(text), speaker: orNull(text), statedAt: time, statementId: uuid, eventId: uuid });

const holder = object(
  {
    holder: text,
    known: { type: 'boolean', description: 'Whether the ruleset knows it' },
    actors: list(text),
    standing,
    rule: text,
    extent,
    assertedBy: list(evidence),
    deniedBy: list(evidence),
    concededBy: list(evidence),
    more: number,
  },
  ['more'],
);

const flag = object({ flag: text, holder: orNull(text), assertedBy: list(text), deniedBy: list(text), evidence: list(text), candidates: { ...list(text), description: 'Of `ambiguous`: the registered places that it may be' }, more: number }, ['candidates', 'more']);

const toponym = object({ name: text, language: text, script: text, kind: text }, ['language', 'script', 'kind']);

const event = object(
  {
    eventId: uuid,
    type: text,
    schemaVersion: number,
    stream: text,
    statementId: uuid,
    data: { type: 'object' },
    by: text,
    shard: number,
    position: number,
    recordedAt: time,
    digest: text,
    chain: text,
  },
  ['statementId', 'by'],
);

const resolution = object(
  { kind: { enum: ['resolved', 'provisional', 'ambiguous'] }, by: { enum: ['id', 'code', 'name', 'coordinates'] }, candidates: { ...list(text), description: 'The registered places that an ambiguous name may mean' } },
  ['candidates'],
);

const receipt = object({ statementId: uuid, eventId: uuid, type: text, locationId: text, resolution: { ...resolution, description: 'Of a statement: how its place was found' }, unknownParties: { ...list(text), description: 'Of a statement or a retraction: the parties and actors that the ruleset does not know' }, corrects: { ...uuid, description: 'Of a correction: the statement that it corrects' }, voided: { ...object({ eventId: uuid, shard: number, position: number, recordedAt: time }), description: 'Of a correction: the void of that statement' }, shard: number, position: number, recordedAt: time, duplicate: { type: 'boolean' }, token: text, dryRun: { type: 'boolean' } }, [
  'statementId',
  'eventId',
  'resolution',
  'unknownParties',
  'corrects',
  'voided',
  'shard',
  'position',
  'recordedAt',
  'token',
  'dryRun',
]);

const stateOrNull = { anyOf: [ref('State'), { type: 'null' }] };
const bearing = { enum: ['unseen', 'counts', 'retracted', 'voided'] };
/** The same thing at two moments; null where it was not there. */
const pair = (schema: object) => ({ a: { anyOf: [schema, { type: 'null' }] }, b: { anyOf: [schema, { type: 'null' }] } });
const replay = object({
  replayId: uuid,
  kind: text,
  state: { enum: ['waiting', 'running', 'done', 'failed', 'cancelled'] },
  done: number,
  total: orNull(number),
  rate: { ...orNull(number), description: 'So many of `done` a second, of late' },
  eta: { ...orNull(time), description: 'When it will be done, if it goes on as it does' },
  spec: { type: 'object', description: 'What it was asked to do' },
  result: { type: ['object', 'null'], description: 'What it came to' },
  error: orNull(text),
  cursor: { ...orNull(text), description: 'How far it is for good: of a publishing, the token after which another one goes on' },
  cancelRequested: { type: 'boolean' },
  createdAt: time,
  startedAt: orNull(time),
  updatedAt: time,
  endedAt: orNull(time),
});
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const tree = object({ size: number, root: hash });

export const schemas = {
  Problem: object({ type: text, title: text, status: number, detail: text, errors: list(object({ pointer: text, detail: text })) }, ['errors']),
  Receipt: receipt,
  Results: object({ results: list({ anyOf: [ref('Receipt'), ref('Problem')] }), token: text }),
  Lines: { type: 'string', description: 'One JSON object a line' },
  State: object(
    {
      id: text,
      name: text,
      names: list(toponym),
      codes: list(object({ scheme: text, value: text })),
      coordinates,
      coordinatesReported: { type: 'boolean', description: 'No register has its coordinates: these are what the latest statement that gave any reported' },
      country: orNull(text),
      countries: list(text),
      region: orNull(text),
      within: orNull(text),
      merged: { ...list(text), description: 'The places that are merged into it' },
      mergedFrom: text,
      status,
      rule: text,
      since: orNull(time),
      asOf: orNull(time),
      knownAt: orNull(time),
      control: list(holder),
      flags: list(flag),
      statements: number,
      origins: number,
      firstStatedAt: orNull(time),
      lastStatedAt: orNull(time),
      lastRecordedAt: orNull(time),
      rulesetVersion: text,
      token: text,
    },
    ['mergedFrom'],
  ),
  States: page(ref('State')),
  Features: object({ type: { const: 'FeatureCollection' }, features: list({ type: 'object' }), nextCursor: orNull(text) }),
  Statement: {
    type: 'object',
    properties: {
      statementId: uuid,
      eventId: uuid,
      locationId: { ...text, description: 'The place that it was recorded on' },
      place: { ...object({ id: text, name: text }), description: 'The place that it is about: that one, or the one that it is merged into; with knownAt as it was known then' },
      location: { type: 'object', description: 'The place as it was given' },
      stance: text,
      statedAt: time,
      publishedAt: time,
      recordedAt: time,
    },
    required: ['statementId', 'eventId', 'locationId', 'place', 'location', 'stance', 'statedAt'],
  },
  Statements: page(ref('Statement')),
  Interval: object({ from: time, to: orNull(time), status: text, rule: text, holders: list(text), eventId: uuid }),
  History: page(ref('Interval')),
  Change: object({
    id: text,
    name: text,
    coordinates,
    at: time,
    from: object({ status, holders: list(text) }),
    to: object({ status, rule: text, holders: list(text) }),
    eventId: uuid,
  }),
  Changes: page(ref('Change')),
  Comparison: object({
    a: stateOrNull,
    b: stateOrNull,
    differences: object({
      status: { anyOf: [object(pair(object({ status, rule: text, since: orNull(time) }))), { type: 'null' }] },
      control: list(object({ holder: text, ...pair(object({ standing, rule: text, extent })) })),
      flags: list(object({ flag: text, holder: orNull(text), ...pair(object({ assertedBy: list(text), deniedBy: list(text) })) })),
      statements: page(object({ a: bearing, b: bearing, statement: ref('Statement') })),
    }),
  }),
  Event: event,
  Events: object({ items: list(ref('Event')), nextCursor: orNull(text), token: text }),
  Proof: object({ storeId: uuid, eventId: uuid, shard: number, position: number, recordedAt: time, body: text, digest: hash, leaf: text, size: number, root: hash, path: list(hash) }),
  Checkpoint: object({ storeId: uuid, time, heads: list(object({ shard: number, size: number, root: hash })), token: text, note: text, key: orNull(text) }),
  Consistency: object({ storeId: uuid, from: text, to: text, items: list(object({ shard: number, from: tree, to: tree, path: list(hash) })), nextCursor: { type: 'null' } }),
  CheckpointOrConsistency: { anyOf: [ref('Checkpoint'), ref('Consistency')] },
  Projections: object({ items: list(object({ shard: number, checkpoint: number, head: number, lag: object({ events: number, seconds: { type: 'number' } }) })) }),
  Replay: replay,
  Replays: page(ref('Replay')),
  Ruleset: { type: 'object' },
  Rulesets: page(object({ version: text, firstUsedAt: time, inForce: { type: 'boolean' } })),
  Parties: object({ version: text, items: list(object({ id: text, side: text, names: list(text) })) }),
  Health: object({ status: text }),
};

export type SchemaName = keyof typeof schemas;
