import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, eventually, useBrowser } from '../../../../tests/support/browser.js';
import { freshDatabase } from '../../../../tests/support/database.js';
import { freePort } from '../../../../tests/support/kafka/ports.js';
import { recordSample } from '../../../../tests/support/sample.js';
import { startService, type Serving } from '../../../../tests/support/service.js';

describeInBrowser('the page, while the service comes and goes', () => {
  const browser = useBrowser();
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let start: () => Promise<Serving>;
  let service: Serving;

  beforeAll(async () => {
    database = await freshDatabase();
    const env = {
      DATABASE_URL: database.url,
      PORT: String(await freePort()),
      GAZETTEER_FILE: resolve('examples/kupiansk-2025-11/gazetteer.ndjson'),
      LOG_LEVEL: 'warn',
    };
    const logFile = join(mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'outage-')), 'log');
    start = () => startService({ env, logFile });
    service = await start();
    await recordSample(service.url);
  }, 120_000);
  afterAll(async () => {
    service?.signal('SIGTERM');
    await service?.ended;
    await database?.drop();
  });

  it('goes on by itself after the service was killed, with what happened since', async () => {
    // Given a page that is live
    const page = await browser.open(service.url, { expected: /Failed to load resource|net::ERR/ });
    await page.locator('.place').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    // When the service is killed
    service.signal('SIGKILL');
    await service.ended;
    await page.getByText('Connecting …').waitFor();
    expect(await page.locator('.place').count()).toBe(11);
    // And comes back, and a statement is recorded
    service = await start();
    await fetch(`${service.url}/v1/statements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        stance: 'assert',
        claim: { predicate: 'captured', actor: 'russia' },
        location: { name: 'Kurylivka', region: 'Kharkiv', country: 'UA' },
        speaker: { name: 'A made-up spokesman', party: 'russia' },
        statedAt: '2025-11-23',
      }),
    });
    // Then the page is live again and has it
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 });
    const place = page.locator('.place', { has: page.getByRole('link', { name: 'Kurylivka', exact: true }) });
    await eventually(
      () => place.textContent(),
      (text) => expect(text).toContain('Russia claims it'),
    );
  });
});
