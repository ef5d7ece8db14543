import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  checkpointText,
  parseCheckpoint,
  parseShardCheckpoint,
  shardNote,
  shardOrigin,
} from '../src/transparency/checkpoint.js';
import { EMPTY_ROOT, leafHash } from '../src/transparency/merkle.js';
import {
  isSignedBy,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKeyOf,
} from '../src/transparency/signed-note.js';

const STORE = '7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27';
const checkpoint = {
  storeId: STORE,
  time: '2026-01-01T00:00:00.000Z',
  heads: [
    { shard: 0, size: 0, root: EMPTY_ROOT },
    { shard: 1, size: 12, root: leafHash('x') },
  ],
};

describe('a checkpoint', () => {
  it('is a text of lines, and is read back', () => {
    const text = checkpointText(checkpoint);
    expect(text).toBe(
      `claimline/${STORE}\n2026-01-01T00:00:00.000Z\n` +
        `0 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n1 12 ${leafHash('x').toString('base64')}\n`,
    );
    expect(parseCheckpoint(text)).toEqual(checkpoint);
  });

  it('is not read from what is no checkpoint', () => {
    const text = checkpointText(checkpoint);
    const broken = [
      '',
      '\n',
      text.slice(0, -1),
      text.replace('claimline/', ''),
      text.replace('.000Z', 'Z'),
      text.replace('1 12', '2 12'),
      text.replace('1 12', '1 012'),
      text.replace('0 0 47DE', '0 0 47D'),
      `${text}\n`,
      text.split('\n').slice(0, 2).join('\n') + '\n',
      text.replace(/\n1 /, ' \n1 '),
    ];
    for (const one of broken) expect(parseCheckpoint(one)).toBeUndefined();
  });
});

describe('a checkpoint of one shard', () => {
  const head = { shard: 1, size: 12, root: leafHash('x') };
  const { privateKey } = generateKeyPairSync('ed25519');
  const note = shardNote(STORE, head, privateKey);

  it('is a tlog-checkpoint, signed under its own origin, and is read back', () => {
    const root = head.root.toString('base64');
    expect(note.slice(0, note.indexOf('\n\n') + 1)).toBe(`claimline/${STORE}/1\n12\n${root}\n`);
    expect(isSignedBy(parseNote(note)!, verifierKeyOf(shardOrigin(STORE, 1), privateKey))).toBe(true);
    for (const other of [shardOrigin(STORE, 2), `claimline/${STORE}`])
      expect(isSignedBy(parseNote(note)!, verifierKeyOf(other, privateKey))).toBe(false);
    expect(parseShardCheckpoint(parseNote(note)!.text)).toEqual({ storeId: STORE, heads: [head] });
    const empty = parseNote(shardNote(STORE, { shard: 0, size: 0, root: EMPTY_ROOT }, privateKey))!;
    expect(parseShardCheckpoint(empty.text)).toEqual({
      storeId: STORE,
      heads: [{ shard: 0, size: 0, root: EMPTY_ROOT }],
    });
  });

  it('is not read from other text, and is no checkpoint of a store', () => {
    const { text } = parseNote(note)!;
    for (const broken of [
      '',
      text.slice(0, -1),
      `${text}\n`,
      text.replace('/1\n', '/01\n'),
      text.replace('/1\n', '\n'),
      text.replace('\n12\n', '\n012\n'),
      text.replace('\n12\n', '\n-1\n'),
      text.replace('=\n', '\n'),
      text.replace('claimline/', 'other/'),
      text.replace(STORE, STORE.toUpperCase()),
      checkpointText(checkpoint),
    ])
      expect(parseShardCheckpoint(broken)).toBeUndefined();
    expect(parseCheckpoint(text)).toBeUndefined();
  });
});

describe('a signed note', () => {
  // From the documentation of golang.org/x/mod/sumdb/note.
  const key = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const note =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  it('of others is verified', () => {
    const verifier = parseVerifierKey(key)!;
    expect(verifier.text).toBe(key);
    expect(isSignedBy(parseNote(note)!, verifier)).toBe(true);
    expect(isSignedBy(parseNote(note.replace('answer', 'Answer'))!, verifier)).toBe(false);
  });

  it('of our own is verified with its key, and with no other', () => {
    const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const verifier = parseVerifierKey(verifierKeyOf('claimline/a', own.privateKey).text)!;
    expect(verifierKeyOf('claimline/a', own.publicKey).text).toBe(verifier.text);
    const signed = signNote('one\n\ntwo\n', 'claimline/a', own.privateKey);
    const parsed = parseNote(signed)!;
    expect(parsed).toMatchObject({
      text: 'one\n\ntwo\n',
      signatures: [{ name: 'claimline/a', id: verifier.id }],
    });
    expect(isSignedBy(parsed, verifier)).toBe(true);
    expect(isSignedBy(parsed, verifierKeyOf('claimline/a', other.publicKey))).toBe(false);
    expect(isSignedBy(parsed, verifierKeyOf('claimline/b', own.publicKey))).toBe(false);
    expect(isSignedBy(parseNote('unsigned\n')!, verifier)).toBe(false);
    // Another signer's signature beside ours changes nothing; a wrong one under our name invalidates the note.
    const witness = signNote('one\n\ntwo\n', 'witness', other.privateKey).split('\n').at(-2)!;
    expect(isSignedBy(parseNote(`${signed}${witness}\n`)!, verifier)).toBe(true);
    const forged = `— claimline/a ${Buffer.concat([Buffer.from(verifier.id, 'hex'), Buffer.alloc(64)]).toString('base64')}`;
    expect(isSignedBy(parseNote(`${signed}${forged}\n`)!, verifier)).toBe(false);
  });

  it('that is malformed is not read', () => {
    for (const broken of [
      '',
      'no line break',
      note.slice(0, -1),
      note.replace('— ', '-- '),
      note.replace('\n\n—', '\n\nhello\n—'),
      note.replace('x08go', 'x08g'),
      note.replace('\n', '\r\n'),
      note.replace('PeterNeumann ', 'Peter Neumann '),
      note.replace('PeterNeumann ', 'Peter+Neumann '),
    ])
      expect(parseNote(broken)).toBeUndefined();
    for (const broken of [
      '',
      'a+b',
      key.replace('c74f20a3', 'c74f20a4'),
      key.replace('+ARpc', '+BRpc'),
      key.slice(0, -4),
      ` a ${key}`,
      `${key}+x`,
    ])
      expect(parseVerifierKey(broken)).toBeUndefined();
  });
});
