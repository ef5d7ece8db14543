import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { READ_MODELS } from '#libs/projection';
import type { Running } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const TOPIC = 'claimline.statements.v1';

describeInBrowser('operations', () => {
  let running: Running;
  let pool: pg.Pool;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    pool = new pg.Pool({ connectionString: running.databaseUrl });
    // Given 120 refused messages, of two reasons, two of them decided on
    await pool.query(
      `insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, key, value, headers, dead_at, outcome, decided_at, decided_by)
       select $1, 7, n, case when n % 10 = 0 then 'location-unknown' else 'statement-invalid' end, 'number ' || n, null,
         convert_to('{"stance":"assert","number":' || n || '}', 'UTF8'), '{"trace":"one"}', timestamptz '2026-01-01T00:00:00Z' + n * interval '1 minute',
         case n when 119 then 'discarded' when 118 then 'retried' end, case when n > 117 then now() end, case when n > 117 then 'desk' end
       from generate_series(0, 119) n`,
      [TOPIC],
    );
  }, 60_000);
  let held: pg.PoolClient | undefined;
  const release = async () => {
    await held?.query('rollback');
    held?.release();
    held = undefined;
  };
  afterEach(release);
  afterAll(async () => {
    await pool?.end();
    await running?.stop();
  });

  const open = (path: string, options = {}): Promise<Page> => browser.open(`${running.url}/${path}`, options);
  const openOperations = async (options = {}): Promise<Page> => {
    const page = await open('operations', options);
    await page.locator('#versions ~ .facts .version').waitFor();
    return page;
  };
  const lag = (page: Page) => page.locator('section', { has: page.locator('#lag') });
  const letters = (page: Page) => page.locator('.letters > li');

  /** Keeps everything from being projected, and a rebuild from taking effect. */
  const holdReadModels = async () => {
    held = await pool.connect();
    await held.query(`begin; select from ${READ_MODELS}.checkpoint for update`);
  };

  it('shows what waits by shard, worst first, as it grows and goes', async () => {
    const page = await openOperations();
    await lag(page).getByText('Nothing: every event of the log is in the states that you read.').waitFor();
    // When nothing can be projected, and statements about several places come in
    await holdReadModels();
    for (const [name, times] of [
      ['Kurylivka', 3],
      ['Kupiansk', 1],
    ] as const)
      for (let n = 0; n < times; n++)
        await running.send('POST', '/v1/statements', {
          stance: 'assert',
          claim: { predicate: 'captured', actor: 'russia' },
          location: { name, region: 'Kharkiv', country: 'UA' },
          speaker: { name: `A made-up speaker ${n}`, party: 'russia' },
          statedAt: '2025-11-24',
        });
    // Then the page says so by itself, the worst first
    await lag(page).getByText('4 events of the log are not in the states yet.').waitFor();
    const waiting = await lag(page).locator('tbody td:nth-of-type(1)').allTextContents();
    expect(waiting.map(Number)).toEqual(waiting.map(Number).toSorted((a, b) => b - a));
    expect(Number(waiting[0])).toBeGreaterThan(0);
    // And that it is over
    await release();
    await lag(page).getByText('Nothing: every event').waitFor();
  });

  it('shows a run while it goes on, with its rate and the time that is left', async () => {
    const page = await openOperations();
    await page.getByText('None has been started.').waitFor();
    // When a rebuild is asked for, and takes long
    await holdReadModels();
    const asked = await running.send('POST', '/v1/replays', { kind: 'rebuild' });
    expect(asked.status).toBe(202);
    // Then it is there by itself
    const runs = page.locator('section', { has: page.locator('#runs') });
    await runs.getByText('running', { exact: true }).waitFor();
    await eventually(
      async () => {
        // It says itself how far it is, from time to time.
        await pool.query(
          `update claimline.replays set done = 250, total = 1000, rate = 5, updated_at = now() where state = 'running'`,
        );
        return (await runs.textContent())!;
      },
      (text) => {
        expect(text).toContain('250 of 1,000 events');
        expect(text).toMatch(/5 events a second, about [23] minutes left/);
      },
    );
    expect(await violationsOn(page)).toEqual([]);
    // And on a page of its own
    await runs.getByRole('link', { name: 'Rebuild' }).click();
    await page.getByRole('status').getByText('running').waitFor();
    expect(await page.title()).toBe('Run · Claimline');
    // And its end too
    await release();
    await page.getByRole('heading', { name: 'Result' }).waitFor();
    expect(await page.getByRole('status').first().textContent()).toBe('done');
    await page.reload();
    await page.getByRole('heading', { name: 'Result' }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });

  it('says that there is no such run', async () => {
    const page = await open('operations/replays/00000000-0000-4000-8000-000000000000', { expected: /404/ });
    await page.getByText('No run has this id.').waitFor();
  });

  it('lists dead letters page by page, by outcome, reason and words, and opens all', async () => {
    const page = await openOperations();
    await page.getByText('118 refused messages wait for a decision.').waitFor();
    await page.getByRole('link', { name: 'Read them' }).click();
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(50),
    );
    expect(await letters(page).first().textContent()).toContain('number 117');
    // Page by page
    await page.getByRole('button', { name: 'Older ones' }).click();
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(100),
    );
    // By the reason
    await page.getByLabel('Reason').selectOption('location-unknown');
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(12),
    );
    expect(new URL(page.url()).searchParams.get('code')).toBe('location-unknown');
    // By words
    await page.getByLabel('Words').fill('number 30');
    await page.keyboard.press('Enter');
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(1),
    );
    // All of them opened
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByText('"number": 30').waitFor();
    await page.getByText('trace', { exact: true }).waitFor();
    // The address alone shows the same, and the way back is the browser's
    await page.reload();
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(1),
    );
    await page.goBack();
    await eventually(
      () => letters(page).count(),
      (shown) => expect(shown).toBe(12),
    );
    // By the outcome; a reason that nothing of it has is still what the address says
    await page.getByLabel('Decision').selectOption('discarded');
    await page.getByText('There is none.').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('location-unknown');
    await page.getByLabel('Reason').selectOption('');
    await page.getByText('number 119').waitFor();
  });

  it('counts dead letters as they come', async () => {
    const page = await openOperations();
    await page.getByText('118 refused messages').waitFor();
    await pool.query(`update claimline.dead_letters set outcome = 'discarded' where origin_offset = 117`);
    await page.getByText('117 refused messages').waitFor();
    await pool.query(`update claimline.dead_letters set outcome = null where origin_offset = 117`);
  });

  it('shows the store, its trees and the versions in force', async () => {
    const page = await openOperations();
    const { storeId, heads } = (await running.get('/v1/checkpoint')).json;
    await page.getByText(storeId).waitFor();
    await page.getByText('Merkle trees by shard').click();
    await page.getByText(heads[0].root).waitFor();
    const { rulesetVersion } = (await running.get('/v1/projections')).json;
    expect(await page.locator('.version').first().textContent()).toMatch(
      new RegExp(`^${rulesetVersion}, since .*, in force$`),
    );
    expect(await page.locator('#versions ~ .facts').textContent()).toMatch(/Claimline\d+\.\d+\.\d+/);
  });

  it('goes on by itself when the service does not answer for a while', async () => {
    const page = await openOperations({ expected: /ERR_FAILED/ });
    await page.route('**/v1/projections', (route) => route.abort());
    await lag(page).getByText('The service does not answer.').waitFor();
    await page.unroute('**/v1/projections');
    await lag(page).getByText('The service does not answer.').waitFor({ state: 'detached' });
  });

  it('waits for a slow answer and does not ask twice', async () => {
    const page = await openOperations();
    let asked = 0;
    let free = () => {};
    const freed = new Promise<void>((resolve) => (free = resolve));
    await page.route('**/v1/dead-letters/counts', async (route) => {
      asked++;
      await freed;
      await route.fulfill({ json: { open: 77, retried: 0, discarded: 0, codes: [] } }).catch(() => {});
    });
    const polled = () => page.waitForResponse('**/v1/projections');
    for (let n = 0; n < 3; n++) await polled();
    expect(asked).toBe(1);
    free();
    await page.getByText('77 refused messages').waitFor();
  });

  it('is used by the keyboard alone', async () => {
    const page = await openOperations();
    const reached: string[] = [];
    for (let step = 0; step < 40 && !reached.includes('Read them'); step++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.textContent'));
    }
    await page.keyboard.press('Enter');
    await letters(page).first().waitFor();
    const summary = letters(page).first().locator('summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.getByText('"number": 117').waitFor();
  });

  it.each([
    ['operations', 'narrow', 'light', 'en-GB'],
    ['operations', 'desktop', 'dark', 'uk-UA'],
    ['operations/dead-letters', 'narrow', 'dark', 'uk-UA'],
    ['operations/dead-letters', 'desktop', 'light', 'en-GB'],
  ] as const)('can be read by everybody: %s, %s, %s, %s', async (path, window, colorScheme, locale) => {
    const size = window === 'narrow' ? { viewport: { width: 320, height: 640 } } : WINDOWS.desktop;
    const page = await open(path, { ...size, colorScheme, locale });
    await page.locator('.version, .letters > li').first().waitFor();
    if (path === 'operations') await page.locator('summary').first().click();
    else await page.locator('button[aria-pressed]').click();
    await page.locator('pre, code').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(await page.locator('main').textContent()).not.toMatch(/\b(?:operations|run|letters)\.[a-z]/);
    await expect(page.title()).resolves.not.toBe('Claimline');
  });
});
