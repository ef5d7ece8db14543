import { expect, test } from '@jest/globals';
import { Commits } from '../src/consumer/commits.js';

test('commits the newest handled offset of each partition, and nothing after the end, which would reconnect the consumer', async () => {
  const committed: unknown[] = [];
  const commits = new Commits(
    { commitOffsets: async (offsets) => void committed.push(offsets) },
    'statements',
    null,
  );
  commits.release(new Map([[1, 7]]));
  commits.due(0, '3');
  commits.due(0, '5');
  await commits.close();
  const offset = (partition: number, next: string) => ({
    topic: 'statements',
    partition,
    offset: next,
    metadata: null,
  });
  expect(committed).toEqual([[offset(1, '7'), offset(0, '5')]]);
  commits.due(0, '9');
  await commits.close();
  expect(committed).toHaveLength(1);
});
