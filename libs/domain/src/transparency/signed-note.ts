import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { sha256 } from '../values/identity.js';

// Signed notes as C2SP writes them (https://c2sp.org/signed-note), with Ed25519.

const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MAX_SIGNATURES = 100;

/** A key whose signatures are trusted. `text` is its written form: name+id+key. */
export interface VerifierKey {
  name: string;
  /** 4 bytes, hexadecimal. */
  id: string;
  key: KeyObject;
  text: string;
}

/** @param key an Ed25519 key, public or private */
export function verifierKeyOf(name: string, key: KeyObject): VerifierKey {
  const open = key.type === 'private' ? createPublicKey(key) : key;
  const bytes = Buffer.concat([
    Buffer.of(ED25519),
    Buffer.from(open.export({ format: 'jwk' }).x!, 'base64url'),
  ]);
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes]))
    .subarray(0, 4)
    .toString('hex');
  return { name, id, key: open, text: `${name}+${id}+${bytes.toString('base64')}` };
}

/** Reads `name+id+key`; undefined where the text is not in this form, or the key not of Ed25519. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const [, name = '', id, key = ''] = VERIFIER.exec(text.trim()) ?? [];
  const bytes = base64(key);
  if (bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) return undefined;
  const verifier = verifierKeyOf(
    name,
    createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(1).toString('base64url') },
      format: 'jwk',
    }),
  );
  return verifier.id === id ? verifier : undefined;
}

const VERIFIER = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/;
const NAME = /^[^\s+]+$/;

/** @param text ends with a line break @param key a private Ed25519 key */
export function signNote(text: string, name: string, key: KeyObject): string {
  const { id } = verifierKeyOf(name, key);
  const signature = Buffer.concat([Buffer.from(id, 'hex'), sign(null, Buffer.from(text), key)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

export interface Note {
  text: string;
  signatures: { name: string; id: string; signature: Buffer }[];
}

/** Parses a note; an unsigned note is text alone. Undefined where the text is not a note. */
export function parseNote(note: string): Note | undefined {
  // eslint-disable-next-line no-control-regex
  if (!note.endsWith('\n') || /[\u0000-\u0009\u000B-\u001F]/.test(note)) return undefined;
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return { text: note, signatures: [] };
  const lines = note.slice(end + 2, -1).split('\n');
  const signatures = lines.map((line) => {
    const [dash, name = '', signature = '', ...rest] = line.split(' ');
    const bytes = base64(signature);
    if (dash !== '—' || !NAME.test(name) || !bytes || bytes.length < 5 || rest.length > 0) return undefined;
    return { name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
  });
  if (signatures.length > MAX_SIGNATURES || signatures.includes(undefined)) return undefined;
  return { text: note.slice(0, end + 1), signatures: signatures.filter((one) => one !== undefined) };
}

/** Whether a note is signed with a key. Signatures by other keys are ignored; a wrong one by this key makes it false. */
export function isSignedBy({ text, signatures }: Note, verifier: VerifierKey): boolean {
  const own = signatures.filter(({ name, id }) => name === verifier.name && id === verifier.id);
  return (
    own.length > 0 &&
    own.every(
      ({ signature }) =>
        signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(text), verifier.key, signature),
    )
  );
}

/** Undefined where the text is not strict base64: Buffer.from accepts much more. */
function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
