import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startRunning, type Running } from '../api/running.js';
import { PYTHON } from './client.js';
import { clients } from './clients.js';
import { documentOf, tryClient, whyNot, type ClientName } from './trying.js';

/** Two quick ones: one checks the types of all that is sent and read, one refuses unknown fields. `npm run clients` tries all. */
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

describe('docs/clients.md', () => {
  const page = readFileSync('docs/clients.md', 'utf8');

  test('has the lines that are run', () => {
    for (const { line } of Object.values(clients)) expect(page).toContain(`\`${line}\``);
  });

  test('names the versions that are run', () => {
    const { dependencies } = JSON.parse(readFileSync('tests/clients/npm/package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const generator of ['openapi-typescript', '@hey-api/openapi-ts'])
      expect(page).toContain(`| ${generator} ${dependencies[generator]} |`);
    const [, version] = /<artifactId>openapi-generator-cli<\/artifactId>\s*<version>([^<]+)</.exec(
      readFileSync('tests/clients/maven/generator.xml', 'utf8'),
    )!;
    expect([...page.matchAll(/\| openapi-generator (\S+) \|/g)].map(([, named]) => named)).toEqual(
      Array.from({ length: 4 }, () => version),
    );
    expect(page).toContain(`| ${PYTHON[0]!.replace('==', ' ')} |`);
  });
});
