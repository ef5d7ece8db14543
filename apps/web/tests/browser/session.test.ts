import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Running, startRunning } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { addKey, fixedKey } from '../../../../tests/support/key-holders.js';
import { type NginxProxy, startNginx } from '../../../../tests/support/nginx.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const READER = fixedKey('c0ffee000001', 'Newsroom', ['read']);
const DESK = fixedKey('c0ffee000002', 'Desk', ['curate', 'operate']);
const ADMIN = fixedKey('c0ffee000003', 'Owner', ['admin']);
// A browser says by itself that it was refused.
const expected = /status of 40[13]|ERR_INCOMPLETE/;

describeInBrowser('signing in', () => {
  let running: Running;
  /** The same store, which everybody may read. */
  let open: Running;
  let proxy: NginxProxy;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    for (const key of [READER, DESK, ADMIN]) await addKey(running, key);
    open = await startRunning({ DATABASE_URL: running.databaseUrl, OPEN: 'read' });
    proxy = await startNginx(`location /claimline/ { proxy_pass ${running.url}/; proxy_buffering off; }`);
  }, 120_000);
  afterAll(async () => {
    await proxy?.stop();
    await open?.stop();
    await running?.stop();
  });

  const visit = (path: string, at = running.url, options = {}) =>
    browser.open(`${at}/${path}`, { expected, ...options });
  const signIn = async (page: Page, { key }: { key: string }) => {
    await page.getByLabel('Key').fill(key);
    await page.locator('main').getByRole('button', { name: 'Sign in' }).click();
  };
  const endSessions = () =>
    running.send('DELETE', `/v1/sessions?of=${DESK.id}`, undefined, { authorization: `Bearer ${ADMIN.key}` });

  /** Without what the map adds: where one looks. */
  const addressOf = (page: Page) => page.url().replace(/[?&]map=[^&]*/, '');

  it.each([
    ['', '.place'],
    ['places/gn-703656?asOf=2025-11-20', '.sides, h2'],
  ])('asks for a key where the reader is, and then shows it: /%s', async (path, shown) => {
    const page = await visit(path);
    await page.getByText('This store is read with a key.').waitFor();
    // A wrong one is said to be
    await signIn(page, { key: 'nonsense' });
    await page.getByText('The key is not known, or is not valid any more.').waitFor();
    await signIn(page, READER);
    await page.locator(shown).first().waitFor();
    expect(addressOf(page)).toBe(`${running.url}/${path}`);
    // The page keeps no key
    expect(
      await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])'),
    ).not.toContain('cl_');
    // And again after a reload
    await page.reload();
    await page.locator(shown).first().waitFor();
  });

  it('says who one is and what one may do, and signs out', async () => {
    const page = await visit('operations');
    await signIn(page, DESK);
    await page.getByText('118 refused').or(page.getByText('None has been started.')).first().waitFor();
    await page.getByRole('link', { name: 'Desk' }).click();
    await page.getByText('You are signed in as Desk.').waitFor();
    await page.getByText('You may correct statements and places and see and run operations.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('This store is read with a key.').waitFor();
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual([]);
    expect(await page.getByText('has ended').count()).toBe(0);
  });

  it('says in words what one may not see', async () => {
    const page = await visit('operations');
    await signIn(page, READER);
    await page.getByText('Runs and dead letters are shown to who may operate this service.').waitFor();
    await page.locator('#lag ~ p').waitFor();
    // And by its own address
    await page.goto(`${running.url}/operations/dead-letters`);
    await page.getByText('Your sign-in does not allow you to see this.').waitFor();
    expect(await page.getByText('There is none.').count()).toBe(0);
    await page.goto(`${running.url}/operations/replays/00000000-0000-4000-8000-000000000000`);
    await page.getByText('Your sign-in does not allow you to see this.').waitFor();
  });

  it('leads back to where one was, where everybody may read', async () => {
    const page = await visit('operations/dead-letters?state=all', open.url);
    await page.getByText('This needs a key.').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await page.getByText('A key lets you do more than reading.').waitFor();
    await signIn(page, DESK);
    await page.getByText('There is none.').waitFor();
    expect(page.url()).toBe(`${open.url}/operations/dead-letters?state=all`);
  });

  it('goes to no other site after a sign-in', async () => {
    for (const returnTo of ['https://example.org/', '//example.org/', 'javascript:alert(1)', 'http://[']) {
      const page = await visit(`sign-in?returnTo=${encodeURIComponent(returnTo)}`);
      await signIn(page, READER);
      await page.locator('.place').first().waitFor();
      expect(addressOf(page)).toBe(`${running.url}/`);
    }
  });

  it.each([
    ['live', '?status=contested'],
    ['the past', '?asOf=2025-11-20&status=claimed'],
  ])('asks again when a session ends while the page is open, and keeps the address: %s', async (_, query) => {
    const page = await visit(query);
    await signIn(page, DESK);
    await page.locator('.place').first().waitFor();
    const address = addressOf(page);
    // When the session ends
    expect(await endSessions()).toMatchObject({ status: 200 });
    if (query.includes('asOf')) await page.getByRole('searchbox').fill('Ку');
    // Then the page says so, and asks
    await page.getByText('Your session has ended. Sign in again').waitFor();
    await signIn(page, DESK);
    await page.locator('.place').first().waitFor();
    expect(addressOf(page).replace(/&q=.*/, '')).toBe(address);
  });

  it('says that a session has ended where everybody may read', async () => {
    const page = await visit('sign-in', open.url);
    await signIn(page, DESK);
    await page.locator('.place').first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await endSessions();
    await page.getByText('Your session has ended.').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.locator('.place').count()).toBe(11);
  });

  it('tells the other tabs', async () => {
    const page = await visit('');
    await page.getByText('This store is read with a key.').waitFor();
    const other = await page.context().newPage();
    await other.goto(running.url);
    await signIn(other, READER);
    await other.locator('.place').first().waitFor();
    await page.locator('.place').first().waitFor();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Key').waitFor();
  });

  it('works behind a proxy, under a path', async () => {
    const page = await visit('changes?from=2025-11-01', proxy.url);
    await signIn(page, READER);
    await page.locator('.changes h2').first().waitFor();
    expect(page.url()).toBe(`${proxy.url}/changes?from=2025-11-01`);
    await page.getByRole('link', { name: 'Newsroom' }).click();
    await page.getByText('You are signed in as Newsroom.').waitFor();
    expect(page.url()).toMatch(/\/claimline\/sign-in\?/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, READER);
    await eventually(
      async () => page.url(),
      (url) => expect(url).toBe(`${proxy.url}/changes?from=2025-11-01`),
    );
  });

  it.each([
    ['narrow', 'light', 'en-GB'],
    ['desktop', 'dark', 'uk-UA'],
  ] as const)('can be read by everybody: %s, %s, %s', async (window, colorScheme, locale) => {
    const size = window === 'narrow' ? { viewport: { width: 320, height: 640 } } : WINDOWS.desktop;
    const page = await visit('', running.url, { ...size, colorScheme, locale });
    await page.locator('input[type=password]').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // By the keyboard alone
    await page.locator('input[type=password]').focus();
    await page.keyboard.type(READER.key);
    await page.keyboard.press('Enter');
    await page.locator('.place').first().waitFor();
  });
});
