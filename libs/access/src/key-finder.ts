import type { Caller } from './caller.js';

/** Finds the holders of keys that are valid now: not of those that were revoked or have expired. It answers from memory. */
export interface KeyFinder {
  /** By the text of the key. */
  holderOf(text: string): Caller | undefined;
  /** By the id of the key. */
  holder(id: string): Caller | undefined;
}
