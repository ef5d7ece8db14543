import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { LinesOfTurn } from '../src/lines-of-turn.js';

function collect() {
  const writes: string[][] = [];
  const lines = new LinesOfTurn({
    write: (text) =>
      void writes.push(
        text
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { msg: string }).msg),
      ),
  });
  return { writes, lines, log: pino({}, lines) };
}

describe('lines', () => {
  it('of one turn are written together, at its end', async () => {
    const { writes, log } = collect();
    log.info('a');
    await Promise.resolve();
    log.info('b');
    expect(writes).toEqual([]);
    await nextTurn();
    expect(writes).toEqual([['a', 'b']]);
    log.info('c');
    await nextTurn();
    expect(writes).toEqual([['a', 'b'], ['c']]);
  });

  it('of a warning or worse are written at once, after those that wait', async () => {
    for (const level of ['warn', 'error', 'fatal'] as const) {
      const { writes, log } = collect();
      log.info('before');
      log.child({ part: 'relay' })[level]('bad');
      expect(writes).toEqual([['before', 'bad']]);
      log.info('after');
      await nextTurn();
      expect(writes).toEqual([['before', 'bad'], ['after']]);
    }
  });

  it('do not wait where there are many', () => {
    const { writes, log } = collect();
    for (let n = 0; n < 1000; n++) log.info(String(n));
    expect(writes.length).toBeGreaterThan(1);
    expect(writes.flat()).toEqual(Array.from({ length: writes.flat().length }, (_, n) => String(n)));
  });
});

describe('of a process that ends', () => {
  it.each([
    ['by itself', '', 0],
    ['by process.exit', 'process.exit(3);', 3],
    ['by an error', 'throw new Error("the end");', 1],
    ['by a promise that nobody has caught', 'await Promise.reject(new Error("the end"));', 1],
  ])('%s no line is lost', async (_, ending, expected) => {
    const program = `import { createLogger } from '#libs/platform';
      createLogger('info').info('first');
      createLogger('info').child({ part: 'relay' }).info('last');
      ${ending}`;
    const { code, stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      program,
    ]).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    expect(code).toBe(expected);
    const said = stdout.trimEnd().split('\n');
    expect(said.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['first', 'last']);
  });
});
