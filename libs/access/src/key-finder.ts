import type { Caller } from './caller.js';

/** Injects what finds keys: KeyFinder. */
export const KEY_FINDER = Symbol('key finder');

/** Finds the holders of keys that are valid now: not of those that were revoked or have expired. It answers from memory. */
export interface KeyFinder {
  /** By the text of the key. */
  find(text: string): Caller | undefined;
  /** By the id of the key. */
  holder(id: string): Caller | undefined;
}

/** Of a service without keys. */
export const NO_KEYS: KeyFinder = { find: () => undefined, holder: () => undefined };
