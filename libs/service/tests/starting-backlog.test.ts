import { expect, it } from '@jest/globals';
import { StartingBacklog } from '../src/starting-backlog.js';

const token = (...positions: [shard: number, position: number][]) => new Map(positions);

it('is there until the read models have reached what the log had at the start, whatever comes later', async () => {
  let [heads, checkpoints] = [token([0, 5], [1, 2]), token([0, 3])];
  const backlog = new StartingBacklog({ heads: async () => heads, checkpoints: async () => checkpoints });
  expect(await backlog.problem()).toBe('4 events that the log had at the start are not projected yet');
  heads = token([0, 500], [1, 20]);
  checkpoints = token([0, 5], [1, 1]);
  expect(await backlog.problem()).toBe('1 events that the log had at the start are not projected yet');
  checkpoints = token([0, 5], [1, 2]);
  expect(await backlog.problem()).toBeUndefined();
  checkpoints = token();
  expect(await backlog.problem()).toBeUndefined();
});

it('begins when the database first answers', async () => {
  let isAway = true;
  const backlog = new StartingBacklog({
    heads: async () => {
      if (isAway) throw new Error('away');
      return token([0, 1]);
    },
    checkpoints: async () => token(),
  });
  await expect(backlog.problem()).rejects.toThrow('away');
  isAway = false;
  expect(await backlog.problem()).toContain('1 events');
});
