import { hash } from 'node:crypto';
import { sha256 } from '../values/identity.js';
import type { LogPosition } from '../events/events.js';

// The Merkle tree of RFC 9162 over the events of a shard: leaf n, counted from 0, is the event at position n + 1.

export const HASH_BYTES = 32;

/** The root of a tree without leaves. */
export const EMPTY_ROOT = sha256('');

/** An event as a leaf of its tree: its position, its time and its digest. The shard belongs to the tree, not to the leaf. */
export const leafOf = ({
  position,
  recordedAt,
  digest,
}: Pick<LogPosition, 'position' | 'recordedAt' | 'digest'>): string => `${position}:${recordedAt}:${digest}`;

export const leafHash = (leaf: string): Buffer => sha256(`\0${leaf}`);

/** As `leafHash`, written into a buffer of adjacent hashes at an index: allocates no buffer for each. */
export function writeLeafHash(leaf: string, hashes: Buffer, index: number): void {
  hashes.write(hash('sha256', `\0${leaf}`, 'binary'), index * HASH_BYTES, 'binary');
}

// One buffer for all nodes: a log has as many of them as events.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(node, 1);
  right.copy(node, 1 + HASH_BYTES);
  return sha256(node);
}

/** Leaves of a tree, counted from 0: from the first, up to the second and without it. */
export type Leaves = readonly [from: number, to: number];

/** The roots that prove a leaf to be in the tree of a size, in the order of RFC 9162, 2.1.3.1. */
export function inclusionRanges(index: number, size: number): Leaves[] {
  const path: Leaves[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + half(to - from);
    path.push(index < middle ? [middle, to] : [from, middle]);
    if (index < middle) to = middle;
    else from = middle;
  }
  return path.toReversed();
}

/** The roots that prove the tree of a size to begin with that of a smaller one, in the order of RFC 9162, 2.1.4.1. */
export function consistencyRanges(first: number, second: number): Leaves[] {
  if (first === 0) return [];
  const path: Leaves[] = [];
  let [from, to] = [0, second];
  while (first < to) {
    const middle = from + half(to - from);
    path.push(first <= middle ? [middle, to] : [from, middle]);
    if (first <= middle) to = middle;
    else from = middle;
  }
  // Where the smaller tree is a complete subtree, the verifier already has its root.
  if (from > 0) path.push([from, to]);
  return path.toReversed();
}

/** The largest power of two below a size of 2 or more. */
function half(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The root over roots of complete trees, each smaller than the one before it. */
export const joined = (roots: readonly Buffer[]): Buffer =>
  roots.length === 0 ? EMPTY_ROOT : roots.reduceRight((right, left) => nodeHash(left, right));

/** The root over a power of two of adjacent hashes. */
export function completeRoot(hashes: Buffer): Buffer {
  const level = Buffer.from(hashes);
  for (let length = level.length; length > HASH_BYTES; length /= 2)
    for (let at = 0; at < length; at += 2 * HASH_BYTES) {
      level.copy(node, 1, at, at + 2 * HASH_BYTES);
      level.write(hash('sha256', node, 'binary'), at / 2, 'binary');
    }
  return level.subarray(0, HASH_BYTES);
}
