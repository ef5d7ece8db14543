import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SettingsError } from '../src/settings.js';
import { readSigningKey } from '../src/signing-key.js';

test('an Ed25519 key is read; of any other file the setting, the file and the reason are named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-key-'));
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    expect(
      readSigningKey(file('good.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }))).equals(
        privateKey,
      ),
    ).toBe(true);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    expect(() => readSigningKey(file('rsa.pem', rsa))).toThrow(
      'rsa.pem": it holds a key of type rsa, not ed25519',
    );
    for (const broken of [
      file('public.pem', publicKey.export({ type: 'spki', format: 'pem' })),
      file('empty.pem', ''),
      join(folder, 'nothing.pem'),
    ]) {
      expect(() => readSigningKey(broken)).toThrow(SettingsError);
      expect(() => readSigningKey(broken)).toThrow(`CHECKPOINT_KEY_FILE is "${broken}": no private key`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
