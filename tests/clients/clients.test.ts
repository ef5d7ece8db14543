import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startRunning, type Running } from '../api/running.js';
import { documentOf, tryClient, whyNot, type ClientName } from './trying.js';

/** Two that take little time: one that checks the types of all that is sent and read, and one that refuses what it does not know. `npm run clients` tries all. */
const QUICK: ClientName[] = ['openapi-typescript', 'openapi-python-client'];

describe('clients that are made of /openapi.json', () => {
  let running: Running;
  let folder: string;
  let document: string;
  beforeAll(async () => {
    running = await startRunning();
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'clients-'));
    document = await documentOf(running.url, folder);
  });
  afterAll(() => running.stop());

  for (const name of QUICK) {
    const reason = whyNot(name);
    (reason === undefined ? test : test.skip)(
      `${name} compiles, records once, reads, lists and is refused${reason === undefined ? '' : ` (skipped: ${reason})`}`,
      async () => {
        await tryClient(name, running.url, document, folder);
      },
      300_000,
    );
  }
});
