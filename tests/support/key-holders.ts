import type { DynamicModule } from '@nestjs/common';
import { type Caller, KEY_FINDER, type KeyFinder } from '#libs/access';
import { type Running, startRunning } from '../api/running.js';

class KeyHolders {}

/** The whole service with these keys: the text of each with its holder. One that is removed is revoked. */
export const startWithKeys = (
  keys: ReadonlyMap<string, Caller>,
  env: Record<string, string> = {},
): Promise<Running> => startRunning(env, undefined, [holding(keys)]);

function holding(keys: ReadonlyMap<string, Caller>): DynamicModule {
  const finder: KeyFinder = {
    find: (text) => keys.get(text),
    holder: (id) => [...keys.values()].find((one) => one.id === id),
  };
  return {
    module: KeyHolders,
    global: true,
    providers: [{ provide: KEY_FINDER, useValue: finder }],
    exports: [KEY_FINDER],
  };
}
