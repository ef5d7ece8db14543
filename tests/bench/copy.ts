import { canonicalJson, shardOf } from '#libs/domain';
import type { EventToAppend } from '#libs/log';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { SHARDS } from './statements.js';

/** Rows for the columns of claimline.events, in the text form of COPY, cut into chunks; nothing is hashed. */
export function rowsOf(candidates: readonly EventToAppend[]): {
  events: Buffer[];
  ids: Buffer[];
  bytes: number;
} {
  const heads = Array.from({ length: SHARDS }, () => 0);
  const recordedAt = new Date().toISOString();
  let bytes = 0;
  const events = candidates.map(({ event }) => {
    const shard = shardOf(event.stream, SHARDS);
    const body = canonicalJson(event);
    bytes += Buffer.byteLength(body);
    const digest = randomBytes(32).toString('hex');
    const chain = randomBytes(32).toString('hex');
    const position = (heads[shard]! += 1);
    const columns = [
      shard,
      position,
      recordedAt,
      event.eventId,
      event.type,
      event.stream,
      `\\\\x${digest}`,
      `\\\\x${chain}`,
      body.replaceAll('\\', '\\\\'),
    ];
    return `${columns.join('\t')}\n`;
  });
  const ids = candidates.map(
    ({ id, event }) => `${id!.id}\t\\\\x${id!.digest.toString('hex')}\t${event.eventId}\n`,
  );
  return { events: chunks(events), ids: chunks(ids), bytes };
}

function chunks(lines: readonly string[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0; at < lines.length; at += 100) cut.push(Buffer.from(lines.slice(at, at + 100).join('')));
  return cut;
}

export const EVENT_COLUMNS = 'shard, position, recorded_at, event_id, type, stream, digest, chain, body';

export const copyIn = (client: pg.ClientBase, table: string, rows: readonly Buffer[]): Promise<void> =>
  pipeline(Readable.from(rows), client.query(from(`copy ${table} from stdin`)));

/** Reads a table to its end. @returns how many bytes came */
export async function copyOut(client: pg.ClientBase, what: string): Promise<number> {
  let bytes = 0;
  for await (const chunk of client.query(to(`copy ${what} to stdout`)) as AsyncIterable<Buffer>)
    bytes += chunk.length;
  return bytes;
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
