import { expect, it } from '@jest/globals';
import { linesOf } from '#libs/platform';

it('lets other work come in between many lines that are there already', async () => {
  async function* chunks() {
    for (let n = 0; n < 64; n++) yield Buffer.alloc(64 * 1024, '\n');
    yield Buffer.from('the last');
  }
  let [turns, isOver] = [0, false];
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const lines = [];
  for await (const line of linesOf(chunks(), 100)) lines.push(line.number);
  isOver = true;
  expect(lines).toEqual([64 * 64 * 1024 + 1]);
  expect(turns).toBeGreaterThan(2);
});
