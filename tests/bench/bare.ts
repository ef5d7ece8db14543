// The least that could serve the same requests: Fastify, pg and the log line of a request, without Nest, domain and chains.
// POST inserts micro-batches of the columns of claimline.events; GET answers one row by key with a named statement.
import fastify from 'fastify';
import { randomBytes, randomUUID } from 'node:crypto';
import { shardOf } from '#libs/domain';
import { Batcher } from '#libs/concurrency';
import { createLogger, createPool } from '#libs/platform';
import { SHARDS } from './statements.js';

const [databaseUrl] = process.argv.slice(2) as [string];
const log = createLogger('info');
const pool = createPool(databaseUrl, { max: 12 });
const app = fastify();

app.addHook('onResponse', (request, reply, done) => {
  log.info(
    {
      method: request.method,
      path: request.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    },
    'request',
  );
  done();
});

interface Row {
  shard: number;
  position: number;
  recordedAt: string;
  eventId: string;
  stream: string;
  body: string;
}

const heads = Array.from({ length: SHARDS }, () => 0);
const batcher = new Batcher<Row, Row>(insert, { items: 1000, atOnce: 2 });

async function insert(rows: Row[]): Promise<Row[]> {
  await pool.query({
    name: 'insert',
    text: `insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body)
      select * from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[],
                           $7::bytea[], $8::bytea[], $9::text[])`,
    values: [
      rows.map(({ shard }) => shard),
      rows.map(({ position }) => position),
      rows.map(({ recordedAt }) => recordedAt),
      rows.map(({ eventId }) => eventId),
      rows.map(() => 'claim.asserted'),
      rows.map(({ stream }) => stream),
      rows.map(() => randomBytes(32)),
      rows.map(() => randomBytes(32)),
      rows.map(({ body }) => body),
    ],
  });
  return rows;
}

app.post('/v1/statements', async (request, reply) => {
  const statement = request.body as { location: { id?: string; name?: string } };
  const stream = statement.location.id ?? statement.location.name!;
  const shard = shardOf(stream, SHARDS);
  const row = {
    shard,
    position: (heads[shard]! += 1),
    recordedAt: new Date().toISOString(),
    eventId: randomUUID(),
    stream,
    body: JSON.stringify(statement),
  };
  await batcher.submit([row]);
  const { body: _body, ...receipt } = row;
  return reply.status(201).send({ ...receipt, duplicate: false });
});

app.get('/v1/locations/:id', async (request, reply) => {
  const { id } = request.params as { id: string };
  const { rows } = await pool.query<{ state: string; etag: string }>({
    name: 'get',
    text: 'select state, etag from read_models.location_state where id = $1',
    values: [id],
  });
  return reply.header('etag', rows[0]!.etag).type('application/json').send(rows[0]!.state);
});

console.log(`bare is ready at ${await app.listen({ host: '127.0.0.1', port: 0 })}`);
