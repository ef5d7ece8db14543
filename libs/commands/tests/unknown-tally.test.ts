import { expect, test } from '@jest/globals';
import { UnknownTally } from '#libs/commands';

test('counts unknown parties, the most frequent first; of names without end it keeps a hundred', () => {
  const tally = new UnknownTally();
  expect(tally.sum()).toEqual({});
  tally.add({});
  tally.add({ unknownParties: [] });
  expect(tally.sum()).toEqual({});
  tally.add({ unknownParties: ['Ukrane'] });
  for (let n = 0; n < 2; n++) tally.add({ unknownParties: ['Rusia', 'Russland'] });
  expect(tally.sum()).toEqual({
    unknownParties: [
      { name: 'Rusia', statements: 2 },
      { name: 'Russland', statements: 2 },
      { name: 'Ukrane', statements: 1 },
    ],
  });
  for (let n = 0; n < 1000; n++) tally.add({ unknownParties: [`Party ${n}`, 'Rusia'] });
  const { unknownParties, moreUnknownParties } = tally.sum();
  expect([unknownParties!.length, unknownParties![0], moreUnknownParties]).toEqual([
    100,
    { name: 'Rusia', statements: 1002 },
    903,
  ]);
});
