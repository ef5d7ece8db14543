import { sha256 } from '#libs/domain';

// What a client does with a proof, as RFC 9162 has it: docs/proofs.md.

const nodeHash = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.concat([Buffer.of(1), left, right]));

/**
 * The root that an inclusion path computes from a leaf in a tree of a size (RFC 9162, 2.1.3.2); undefined where the index
 * or the length of the path does not fit the size. The leaf is in the tree if this is the tree's root.
 */
export function rootByInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
): Buffer | undefined {
  if (index < 0 || index >= size) return undefined;
  let [at, last, root] = [index, size - 1, leaf];
  for (const hash of path) {
    if (last === 0) return undefined;
    const rightmost = at === last;
    if (isOdd(at) || rightmost) {
      root = nodeHash(hash, root);
      while (at > 0 && !isOdd(at)) [at, last] = [at / 2, halved(last)];
    } else root = nodeHash(root, hash);
    [at, last] = [halved(at), halved(last)];
  }
  return last === 0 ? root : undefined;
}

interface Sized {
  size: number;
  root: Buffer;
}

/** Whether the second tree begins with all of the first (RFC 9162, 2.1.4.2). Every tree begins with the empty one. */
export function isConsistent(first: Sized, second: Sized, path: readonly Buffer[]): boolean {
  if (first.size > second.size || first.size < 0) return false;
  if (first.size === second.size) return path.length === 0 && first.root.equals(second.root);
  if (first.size === 0) return path.length === 0;
  let [at, last] = [first.size - 1, second.size - 1];
  while (isOdd(at)) [at, last] = [halved(at), halved(last)];
  // A first tree whose size is a power of two is a complete subtree: its root is not sent along.
  const [start, ...rest] = at === 0 ? [first.root, ...path] : path;
  if (!start) return false;
  let [ofFirst, ofSecond] = [start, start];
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      ofFirst = nodeHash(hash, ofFirst);
      ofSecond = nodeHash(hash, ofSecond);
      while (at > 0 && !isOdd(at)) [at, last] = [at / 2, halved(last)];
    } else ofSecond = nodeHash(ofSecond, hash);
    [at, last] = [halved(at), halved(last)];
  }
  return last === 0 && ofFirst.equals(first.root) && ofSecond.equals(second.root);
}

const isOdd = (n: number): boolean => n % 2 === 1;
const halved = (n: number): number => Math.floor(n / 2);
