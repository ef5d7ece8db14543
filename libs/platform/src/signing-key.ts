import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SettingsError } from './settings.js';

/**
 * The private key that signs checkpoints.
 * @throws SettingsError where the file cannot be read, or holds no Ed25519 key
 */
export function readSigningKey(file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch (error) {
    throw wrong(file, `no private key can be read from it: ${(error as Error).message}`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw wrong(file, `it holds a key of type ${key.asymmetricKeyType}, not ed25519`);
  return key;
}

const wrong = (file: string, why: string): SettingsError =>
  new SettingsError(`A setting is wrong:\n  CHECKPOINT_KEY_FILE is ${JSON.stringify(file)}: ${why}`);
