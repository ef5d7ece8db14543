import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyRanges,
  inclusionRanges,
  leafHash,
  leafOf,
  type Leaves,
} from '../src/transparency/merkle.js';
import {
  GrowingTree,
  rootOf,
  rootOfTile,
  TILE_BYTES,
  TILE_WIDTH,
  tilesOf,
  type TileId,
} from '../src/transparency/tiles.js';
import { isConsistent, rootByInclusion } from '../../../tests/support/tree-proofs.js';

// RFC 9162, section 2.1, as it is written: slow, and without code of the implementation under test.
const H = (...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const k = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);
function MTH(D: readonly string[]): Buffer {
  if (D.length === 0) return H();
  if (D.length === 1) return H(Buffer.of(0), D[0]!);
  return H(Buffer.of(1), MTH(D.slice(0, k(D.length))), MTH(D.slice(k(D.length))));
}
function PATH(m: number, D: readonly string[]): Buffer[] {
  if (D.length === 1) return [];
  const at = k(D.length);
  return m < at
    ? [...PATH(m, D.slice(0, at)), MTH(D.slice(at))]
    : [...PATH(m - at, D.slice(at)), MTH(D.slice(0, at))];
}
const PROOF = (m: number, D: readonly string[]) => SUBPROOF(m, D, true);
function SUBPROOF(m: number, D: readonly string[], b: boolean): Buffer[] {
  if (m === D.length) return b ? [] : [MTH(D)];
  const at = k(D.length);
  return m <= at
    ? [...SUBPROOF(m, D.slice(0, at), b), MTH(D.slice(at))]
    : [...SUBPROOF(m - at, D.slice(at), false), MTH(D.slice(0, at))];
}

/** The tiles over leaves, as a store keeps them. */
function tiled(leaves: readonly string[]): (id: TileId) => Buffer {
  const levels = [Buffer.concat(leaves.map(leafHash))];
  for (let below = levels[0]!; below.length >= TILE_BYTES; below = levels.at(-1)!)
    levels.push(
      Buffer.concat(
        Array.from({ length: Math.floor(below.length / TILE_BYTES) }, (_, at) =>
          rootOfTile(below.subarray(at * TILE_BYTES, (at + 1) * TILE_BYTES)),
        ),
      ),
    );
  return ({ level, index }) => levels[level]!.subarray(index * TILE_BYTES, (index + 1) * TILE_BYTES);
}

const leavesOf = (size: number) => Array.from({ length: size }, (_, at) => `leaf ${at}`);
const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'));
const all = leavesOf(600);
const tileOfAll = tiled(all);
const hashed = (ranges: readonly Leaves[]) => ranges.map((range) => rootOf(range, tileOfAll));
const root = (size: number) => rootOf([0, size], tileOfAll);

const pair = fc
  .tuple(fc.nat(all.length), fc.nat(all.length))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const RUNS = { numRuns: 200 };

describe('the tree of a shard', () => {
  it('has the roots that are known for the test vectors of Certificate Transparency', () => {
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ].map((text) => Buffer.from(text, 'hex').toString('latin1'));
    expect(Array.from({ length: 9 }, (_, size) => rootOf([0, size], tiled(inputs)).toString('hex'))).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('has a leaf for an event: position, time and digest', () => {
    const digest = 'ab'.repeat(32);
    const leaf = leafOf({ position: 7, recordedAt: '2026-01-01T00:00:00.000Z', digest });
    expect(leaf).toBe(`7:2026-01-01T00:00:00.000Z:${digest}`);
    expect(leafHash(leaf)).toEqual(H(Buffer.of(0), leaf));
  });

  it('has the roots of RFC 9162, whichever tiles they are taken from', () => {
    fc.assert(
      fc.property(fc.nat(all.length), (size) => root(size).equals(MTH(all.slice(0, size)))),
      RUNS,
    );
    for (const size of [255, 256, 257, 511, 512, 513]) expect(root(size)).toEqual(MTH(all.slice(0, size)));
  });

  it('proves every leaf as RFC 9162 does, and the proof leads to the root and nowhere else', () => {
    fc.assert(
      fc.property(
        pair.filter(([index, size]) => index < size),
        fc.nat(),
        fc.nat(255),
        ([index, size], which, byte) => {
          const path = hashed(inclusionRanges(index, size));
          expect(hex(path)).toEqual(hex(PATH(index, all.slice(0, size))));
          const leaf = leafHash(all[index]!);
          expect(rootByInclusion(leaf, index, size, path)).toEqual(root(size));
          expect(rootByInclusion(leafHash('another'), index, size, path)).not.toEqual(root(size));
          expect(rootByInclusion(leaf, index, size, [...path, leaf])).toBeUndefined();
          expect(rootByInclusion(leaf, size, size, path)).toBeUndefined();
          if (path.length === 0) return;
          expect(rootByInclusion(leaf, index, size, path.slice(1))).not.toEqual(root(size));
          const bent = path.map((hash, at) =>
            at === which % path.length
              ? Buffer.concat([hash.subarray(0, 31), Buffer.of(hash[31]! ^ (byte || 1))])
              : hash,
          );
          expect(rootByInclusion(leaf, index, size, bent)).not.toEqual(root(size));
        },
      ),
      RUNS,
    );
  });

  it('proves that it has only grown as RFC 9162 does, and nothing else passes for it', () => {
    fc.assert(
      fc.property(pair, fc.nat(), ([first, second], which) => {
        const path = hashed(consistencyRanges(first, second));
        if (first > 0) expect(hex(path)).toEqual(hex(PROOF(first, all.slice(0, second))));
        const [before, after] = [
          { size: first, root: root(first) },
          { size: second, root: root(second) },
        ];
        expect(isConsistent(before, after, path)).toBe(true);
        expect(isConsistent(before, after, [...path, leafHash('more')])).toBe(false);
        if (first === 0 || first === second) return;
        expect(isConsistent(after, before, path)).toBe(false);
        expect(isConsistent({ size: first, root: leafHash('other') }, after, path)).toBe(false);
        expect(isConsistent(before, { size: second, root: leafHash('other') }, path)).toBe(false);
        expect(
          isConsistent(
            before,
            after,
            path.filter((_, at) => at !== which % path.length),
          ),
        ).toBe(false);
      }),
      RUNS,
    );
  });

  it('reads few tiles for a proof, each once, in a log of any size', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 45), fc.nat(2 ** 45), (a, b) => {
        const [index, size] = [Math.min(a, b), Math.max(a, b) + 1];
        const tiles = tilesOf([
          [0, size],
          ...inclusionRanges(index, size),
          ...consistencyRanges(index, size),
        ]);
        const levels = Math.ceil(Math.log2(size + 1) / 8) + 1;
        expect(tiles.length).toBeLessThanOrEqual(3 * levels);
        expect(new Set(tiles.map(({ level, index: at }) => `${level}/${at}`)).size).toBe(tiles.length);
        for (const { level, index: at } of tiles) expect(at * TILE_WIDTH ** (level + 1)).toBeLessThan(size);
      }),
      RUNS,
    );
  });

  it('grows tile by tile to the same roots', () => {
    const many = leavesOf(TILE_WIDTH * 5 + 77);
    const tree = new GrowingTree();
    const tile = tiled(many);
    for (let index = 0; index <= 5; index++) {
      for (const rest of [0, 1, 77])
        expect(tree.root(tile({ level: 0, index }).subarray(0, rest * 32))).toEqual(
          MTH(many.slice(0, index * TILE_WIDTH + rest)),
        );
      if (index < 5) tree.add(rootOfTile(tile({ level: 0, index })));
    }
  });
});
