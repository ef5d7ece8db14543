import type { KeyObject } from 'node:crypto';
import { HASH_BYTES } from './merkle.js';
import { parseMoment, type Instant } from '../values/time.js';
import { parseUuid } from '../values/identity.js';
import { signNote } from './signed-note.js';

/** The tree over the first events of a shard. */
export interface TreeHead {
  shard: number;
  size: number;
  root: Buffer;
}

/** What a store held at a time: one tree for each of its shards, in their order. */
export interface Checkpoint {
  storeId: string;
  time: Instant;
  heads: TreeHead[];
}

/** The name under which a store signs, and the first line of its checkpoints. */
export const checkpointOrigin = (storeId: string): string => `claimline/${storeId}`;

/** The text of a checkpoint: its origin, its time, then `shard size root` a line, the root in base64. */
export const checkpointText = ({ storeId, time, heads }: Checkpoint): string =>
  [
    checkpointOrigin(storeId),
    time,
    ...heads.map(({ shard, size, root }) => `${shard} ${size} ${root.toString('base64')}`),
    '',
  ].join('\n');

/** A checkpoint to be passed on: a note, signed where there is a key. */
export function checkpointNote(checkpoint: Checkpoint, key?: KeyObject): string {
  const text = checkpointText(checkpoint);
  return key ? signNote(text, checkpointOrigin(checkpoint.storeId), key) : text;
}

/** The name under which a store signs checkpoints of one of its shards, and their first line. */
export const shardOrigin = (storeId: string, shard: number): string =>
  `${checkpointOrigin(storeId)}/${shard}`;

/** The checkpoint of one shard, as others read it: https://c2sp.org/tlog-checkpoint. */
export function shardNote(storeId: string, { shard, size, root }: TreeHead, key: KeyObject): string {
  const origin = shardOrigin(storeId, shard);
  return signNote(`${origin}\n${size}\n${root.toString('base64')}\n`, origin, key);
}

const SHARD_CHECKPOINT =
  /^claimline\/([0-9a-f-]{36})\/(0|[1-9]\d{0,5})\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n$/;

/** Reads the text of a checkpoint of one shard; undefined where the text is not one. */
export function parseShardCheckpoint(text: string): Omit<Checkpoint, 'time'> | undefined {
  const [, id = '', shard, size, root = ''] = SHARD_CHECKPOINT.exec(text) ?? [];
  const storeId = parseUuid(id);
  return storeId !== undefined && storeId === id
    ? { storeId, heads: [{ shard: Number(shard), size: Number(size), root: Buffer.from(root, 'base64') }] }
    : undefined;
}

const HEAD = /^(0|[1-9]\d{0,5}) (0|[1-9]\d{0,14}) ([A-Za-z0-9+/]{43}=)$/;

/** Reads the text of a checkpoint; undefined where the text is not one. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', time = '', ...lines] = text.split('\n');
  const storeId = parseUuid(origin.replace(/^claimline\//, ''));
  if (
    storeId === undefined ||
    origin !== checkpointOrigin(storeId) ||
    parseMoment(time)?.at !== time ||
    lines.pop() !== ''
  )
    return undefined;
  const heads = lines.flatMap((line, at) => {
    const [, shard, size, root] = HEAD.exec(line) ?? [];
    return Number(shard) === at
      ? [{ shard: at, size: Number(size), root: Buffer.from(root!, 'base64') }]
      : [];
  });
  return heads.length === lines.length &&
    heads.length > 0 &&
    heads.every(({ root }) => root.length === HASH_BYTES)
    ? { storeId, time, heads }
    : undefined;
}
