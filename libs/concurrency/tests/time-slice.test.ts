import { expect, it } from '@jest/globals';
import { TimeSlice } from '#libs/concurrency';

it('work goes on for a slice of time, and then others have their turn', async () => {
  let now = 0;
  const slice = new TimeSlice(10, () => now);
  expect(slice.isOver()).toBe(false);
  now = 9;
  expect(slice.isOver()).toBe(false);
  now = 10;
  expect(slice.isOver()).toBe(true);
  let others = 0;
  setImmediate(() => others++);
  await slice.rest();
  expect([others, slice.isOver()]).toEqual([1, false]);
  now = 20;
  expect(slice.isOver()).toBe(true);
});
