// npm run screenshots [-- <folder>]: pictures of the page for README and docs, light and dark, of a war that never was and of the
// sample about Kupiansk. Needs Chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { recordSample } from '../support/sample.js';
import { startService } from '../support/service.js';
import { pathOfProgram } from '../support/program-path.js';
import { spawnSync } from 'node:child_process';

interface Shot {
  name: string;
  path: string;
  /** What must be there before the picture is taken. */
  ready: string;
  size?: { width: number; height: number };
  prepare?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'home', path: '?map=7.9/48.7/35.4&order=changed', ready: '.place' },
  { name: 'home-phone', path: '?q=Kup', ready: '.place', size: { width: 360, height: 740 } },
  {
    name: 'place',
    path: 'places/gn-703656',
    ready: 'h1',
    prepare: (page) => page.locator('text=Gerasimov').first().waitFor(),
  },
  { name: 'changes', path: 'changes?from=2025-11-20&to=2025-11-26', ready: 'main h2' },
];

const target = resolve(process.argv[2] ?? 'docs/pictures');
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'claimline-screenshots-'));
const env = {
  DATA_DIR: join(folder, 'data'),
  PORT: '0',
  GAZETTEER_FILE: resolve('examples/kupiansk-2025-11/gazetteer.ndjson'),
  LOG_LEVEL: 'warn',
};
const made = spawnSync(process.execPath, [resolve('dist/tests/support/war-over-time/main.js')], {
  env: { ...process.env, ...env, GAZETTEER_FILE: '' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (made.status !== 0) throw new Error('the war could not be made');
const service = await startService({ env, logFile: join(folder, 'log') });
const browser = await chromium.launch({ executablePath: pathOfProgram('chromium')!, args: ['--no-sandbox'] });
try {
  await recordSample(service.url);
  for (const { name, path, ready, size = { width: 1280, height: 800 }, prepare } of SHOTS)
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: size,
        colorScheme,
        locale: 'en-GB',
        deviceScaleFactor: 1,
      });
      const page = await context.newPage();
      await page.goto(`${service.url}/${path}`);
      await page.locator(ready).first().waitFor();
      await prepare?.(page);
      // The map draws what has been loaded.
      await page.waitForTimeout(1500);
      await page.screenshot({ path: join(target, `${name}-${colorScheme}.png`) });
      await context.close();
      console.log(`${name}-${colorScheme}.png`);
    }
} finally {
  await browser.close();
  service.signal('SIGTERM');
  await service.ended;
  rmSync(folder, { recursive: true, force: true });
}
