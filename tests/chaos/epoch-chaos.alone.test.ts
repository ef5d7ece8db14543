import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runEpochChaos } from './epoch/epoch-chaos.js';

const SEED = Math.floor(Math.random() * 2 ** 31);

test(`the store goes back while writers and readers are at work: it is said, and nothing after it is lost (seed ${SEED})`, async () => {
  const said: string[] = [];
  const faults = await runEpochChaos({
    rounds: 2,
    seed: SEED,
    folder: join(process.env.CLAIMLINE_TEST_TMP!, `epoch-chaos-${process.pid}`),
    say: (line) => void said.push(line),
  });
  expect({ faults, said: said.at(-1) }).toEqual({ faults: [], said: expect.stringContaining('all held') });
}, 600_000);
