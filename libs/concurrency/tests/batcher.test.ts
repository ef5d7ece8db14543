import { describe, expect, it } from '@jest/globals';
import { Batcher } from '#libs/concurrency';

/** Batches that end when the test ends them. */
function underTest(limits: { beside?: number }) {
  const batches: { items: number[]; end: () => void }[] = [];
  const batcher = new Batcher<number, number>(
    (items) => new Promise((resolve) => batches.push({ items, end: () => resolve(items) })),
    { items: 10, atOnce: 2, ...limits },
  );
  const submit = async (...items: number[]) => {
    const answer = batcher.submit(items);
    await turn();
    return { answer };
  };
  return { batches, submit };
}

/** Later than all that is due in this turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a batcher', () => {
  it('begins a batch beside another one for any item', async () => {
    const { batches, submit } = underTest({});
    await submit(1);
    await submit(2);
    await submit(3);
    expect(batches.map(({ items }) => items)).toEqual([[1], [2]]);
    batches[0]!.end();
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1], [2], [3]]);
  });

  it('begins one beside another only when enough items wait for it', async () => {
    const { batches, submit } = underTest({ beside: 3 });
    const first = await submit(1);
    const second = await submit(2, 3);
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
    const third = await submit(4);
    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    // Beside the first one again, so it waits.
    const fourth = await submit(5);
    batches[1]!.end();
    expect(await second.answer).toEqual([2, 3]);
    expect(await third.answer).toEqual([4]);
    await turn();
    expect(batches).toHaveLength(2);
    batches[0]!.end();
    expect(await first.answer).toEqual([1]);
    await turn();
    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]]);
    batches[2]!.end();
    expect(await fourth.answer).toEqual([5]);
  });
});
