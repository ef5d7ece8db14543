import { z } from 'zod';
import { canonicalJson, Epochs, type NewEvent } from '#libs/domain';
import type { ArchivedEvent, ArchivedRuleset } from './archive.js';
import type { ArchivedStore } from './restoration.js';

// The lines of an export of the log: a header, the rulesets, then the events. docs/export-and-import.md describes them.

const VERSION = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const time = z.iso.datetime();
const whole = z.int().min(0);

/** `forks`: for each shard, in order, the position after which it begins. */
const epochSchema = z.strictObject({
  epoch: z.int().min(1),
  openedAt: time,
  reason: z.string(),
  forks: z.array(whole),
  confirmedAt: time.nullable(),
});

const headerSchema = z
  .strictObject({
    claimline: z.literal('log'),
    version: z.literal(VERSION),
    storeId: z.uuid(),
    shards: z.int().min(1).max(4096),
    exportedAt: time,
    heads: z.array(z.strictObject({ shard: whole, position: whole, chain: hash })),
    epochs: z.array(epochSchema).max(100_000).optional(),
  })
  .refine(({ shards, heads }) => heads.length === shards && heads.every(({ shard }, at) => shard === at), {
    path: ['heads'],
    message: 'must name every shard, in order',
  });

const rulesetSchema = z.strictObject({
  ruleset: z.strictObject({ version: z.string().min(1), content: z.looseObject({}), firstUsedAt: time }),
});

const eventSchema = z.strictObject({
  shard: whole,
  position: z.int().min(1),
  recordedAt: time,
  digest: hash,
  chain: hash,
  traceparent: z.string().max(200).optional(),
  contentDigest: hash.optional(),
  quote: z
    .union([
      z.strictObject({ salt: z.string(), quote: z.string() }),
      z.strictObject({ erasedAt: time, erasedBy: z.string().nullable(), reason: z.string().nullable() }),
    ])
    .optional(),
  event: z.looseObject({
    eventId: z.uuid(),
    type: z.string(),
    schemaVersion: z.int(),
    stream: z.string(),
    data: z.looseObject({}),
  }),
});

export const headerLine = ({ id, shards, heads, epochs }: ArchivedStore, exportedAt: string): string =>
  JSON.stringify({
    claimline: 'log',
    version: VERSION,
    storeId: id,
    shards,
    exportedAt,
    heads: heads.map(({ shard, position, chain }) => ({ shard, position, chain })),
    ...(epochs &&
      epochs.present > 0 && {
        epochs: epochs.all.map(({ forks, ...epoch }) => ({ ...epoch, forks: [...forks.values()] })),
      }),
  });

export const rulesetLine = ({ version, content, firstUsedAt }: ArchivedRuleset): string =>
  `{"ruleset":{"version":${JSON.stringify(version)},"content":${content},"firstUsedAt":"${firstUsedAt}"}}`;

/** The event is the text that was digested, unchanged. */
export function eventLine({
  shard,
  position,
  recordedAt,
  digest,
  chain,
  traceparent,
  contentDigest,
  quote,
  body,
}: ArchivedEvent): string {
  const beside = JSON.stringify({
    shard,
    position,
    recordedAt,
    digest,
    chain,
    traceparent: traceparent ?? undefined,
    contentDigest: contentDigest ?? undefined,
    quote: quote ?? undefined,
  });
  return `${beside.slice(0, -1)},"event":${body}}`;
}

export type LogLine = { kind: 'ruleset'; ruleset: ArchivedRuleset } | { kind: 'event'; event: ArchivedEvent };

/** @throws Error naming the missing parts of the line */
export function parseHeader(json: unknown): ArchivedStore {
  if (json === null || typeof json !== 'object' || (json as { claimline?: unknown }).claimline !== 'log')
    throw new Error('is not the first line of an export of the log');
  const { storeId, shards, heads, epochs = [] } = parsed(headerSchema, json);
  const inOrder = epochs.map(({ forks, ...epoch }) => ({
    ...epoch,
    forks: new Map(forks.map((fork, shard) => [shard, fork])),
  }));
  return { id: storeId, shards, heads, epochs: new Epochs(inOrder) };
}

/** @throws Error naming the fault of the line */
export function parseLine(json: unknown): LogLine {
  if (json !== null && typeof json === 'object' && 'ruleset' in json) {
    const { version, content, firstUsedAt } = parsed(rulesetSchema, json).ruleset;
    return { kind: 'ruleset', ruleset: { version, content: canonicalJson(content), firstUsedAt } };
  }
  const {
    event,
    traceparent = null,
    contentDigest = null,
    quote = null,
    ...placement
  } = parsed(eventSchema, json);
  const { eventId, type, stream } = event as unknown as NewEvent;
  return {
    kind: 'event',
    event: {
      ...placement,
      eventId,
      type,
      stream,
      traceparent,
      contentDigest,
      quote,
      body: canonicalJson(event),
    },
  };
}

function parsed<T extends z.ZodType>(schema: T, json: unknown): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`/${issue!.path.join('/')} ${issue!.message}`);
}
