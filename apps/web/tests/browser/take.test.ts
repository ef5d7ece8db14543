import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { type NginxProxy, startNginx } from '../../../../tests/support/nginx.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const PLACE = 'places/gn-703656';
const SPEAKER = 'Valery Gerasimov';

// What the page does with a file, as it is written there.
const READ_SVG = `(text) => {
  const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
  return {
    isWrong: svg.querySelector('parsererror') !== null,
    words: svg.documentElement.textContent,
    places: svg.querySelectorAll('g > title').length,
  };
}`;
const READ_PNG = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, colours: new Set(new Uint32Array(data.buffer)).size };
}`;
const run = <T>(page: Page, script: string, given: string): Promise<T> =>
  page.evaluate(`(${script})(${JSON.stringify(given)})`);

describeInBrowser('what is taken along', () => {
  let running: Running;
  let proxy: NginxProxy;
  /** A statement of the speaker, read at an outlet. */
  let said: { statementId: string; source: { outlet: string } };
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    proxy = await startNginx(`location /claimline/ { proxy_pass ${running.url}/; proxy_buffering off; }`);
    const { json } = await running.get(`/v1/statements?speaker=${encodeURIComponent(SPEAKER)}`);
    said = json.items[0];
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.stop();
  });

  /** Each view that can be cited, and what of it must not change. */
  const views = (): [path: string, part: string][] => [
    ['', '.places'],
    [PLACE, '.sides, .timeline'],
    [`${PLACE}/compare?a=2025-11-20&b=now`, '.sides ul, .sides .place-status, .timeline'],
    ['compare?a=2025-11-20&b=now', '.map-compare section'],
    ['changes?from=2025-11-01&to=2025-11-30', '.changes section'],
    [`statements/${said.statementId}`, '.said'],
    ['statements?party=russia', '.statement-list'],
    [`speakers/${encodeURIComponent(SPEAKER)}`, 'table, .statement-list'],
    [`outlets/${encodeURIComponent(said.source.outlet)}`, 'table, .statement-list'],
  ];

  const openTake = async (path: string, options = {}, root = running.url): Promise<Page> => {
    const page = await browser.open(`${root}/${path}`, options);
    const summary = page.locator('.take > summary');
    // By the keyboard, as everything here
    await summary.focus();
    await page.keyboard.press('Enter');
    return page;
  };
  const cite = async (page: Page): Promise<string> => {
    await page.locator('.cite > summary').focus();
    await page.keyboard.press('Enter');
    return page.getByLabel('Permanent address').inputValue();
  };
  const settled = async (page: Page, part: string): Promise<string> => {
    await page.locator(part).first().waitFor();
    await eventually(
      () => page.locator('[aria-busy=true], .unsettled').count(),
      (waiting) => expect(waiting).toBe(0),
    );
    return (await page.locator(part).allTextContents()).join('\n');
  };
  const saved = async (page: Page, button: Locator) => {
    const [download] = await Promise.all([page.waitForEvent('download'), button.press('Enter')]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };

  it('a permanent address shows the very same when more has been recorded', async () => {
    // Given each view, and its citation
    const cited: { path: string; part: string; before: string; address: string }[] = [];
    for (const [path, part] of views()) {
      const page = await openTake(path);
      const before = await settled(page, part);
      const address = await cite(page);
      const text = await page.getByLabel('Text', { exact: true }).inputValue();
      const { json: checkpoint } = await running.get('/v1/checkpoint');
      for (const words of [address, checkpoint.storeId, 'checkpoint:', '2026']) expect(text).toContain(words);
      const query = new URL(address).searchParams;
      expect(query.get('ruleset')).toBe((await running.get('/v1/ruleset')).json.version);
      for (const name of path.includes('compare') ? ['a', 'b'] : ['asOf', 'knownAt'])
        expect(query.get(name)).toMatch(/^\d{4}-\d\d-\d\dT/);
      cited.push({ path, part, before, address });
      await page.close();
    }
    // When the speaker takes the statement back, and says more of the place, and of another one
    const more = { speaker: { name: SPEAKER, party: 'russia' }, source: { outlet: said.source.outlet } };
    const retracted = await running.send('POST', `/v1/statements/${said.statementId}/retract`, {
      ...more,
      statedAt: '2025-11-25',
    });
    expect([retracted.status, retracted.text]).toEqual([201, expect.any(String)]);
    await running.record({ ...more, location: { id: 'gn-703656' }, statedAt: '2025-11-26' });
    await running.record({
      ...more,
      location: { name: 'Kurylivka', region: 'Kharkiv', country: 'UA' },
      statedAt: '2025-11-26',
    });
    // Then the views show it, and the permanent addresses do not
    for (const { path, part, before, address } of cited) {
      const now = await browser.open(`${running.url}/${path}`);
      expect([path, await settled(now, part)]).not.toEqual([path, before]);
      await now.close();
      const then = await browser.open(address);
      await eventually(
        () => settled(then, part),
        (shown) => expect([path, shown]).toEqual([path, before]),
      );
      await then.close();
    }
  });

  it('files have exactly what is shown, each row with its page', async () => {
    const page = await openTake('?status=contested,claimed&q=kup');
    const shown = (await page.locator('.place-name').allTextContents()).toSorted();
    const take = page.locator('.take');
    const { name, bytes } = await saved(page, take.getByRole('link', { name: /^NDJSON/ }));
    expect(name).toMatch(/^claimline-locations-\d{4}-\d\d-\d\d\.ndjson$/);
    const rows = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; name: string; pageUrl: string });
    expect(rows.map((row) => row.name).toSorted()).toEqual(shown);
    expect(rows.map(({ pageUrl }) => pageUrl)).toEqual(rows.map(({ id }) => `${running.url}/places/${id}`));

    const place = await openTake(`${PLACE}?side=ukraine&stance=deny`);
    await settled(place, '.timeline');
    const entries = await place.locator('.timeline .said').count();
    const csv = await saved(place, place.locator('.take').getByRole('link', { name: /^CSV/ }));
    expect(csv.name).toMatch(/^claimline-statements-gn-703656-.*\.csv$/);
    const lines = csv.bytes.toString().trimEnd().split('\r\n');
    expect(lines).toHaveLength(entries + 1);
    expect(lines[0]).toMatch(/,"pageUrl"$/);
    expect(lines[1]).toContain(`${running.url}/statements/`);
  });

  it('every address of the API and every file opens, behind a path too, also at a permanent address', async () => {
    const opensAll = async (page: Page) => {
      const addresses = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.take details:not(.cite) textarea, .take a[download]')]
          .map((one) => one.value ?? one.href)`,
      );
      expect(addresses.length).toBeGreaterThan(0);
      for (const one of addresses) {
        const { status } = await fetch(one);
        expect([one, status]).toEqual([one.startsWith(`${proxy.url}/v1/`) ? one : '', 200]);
      }
    };
    for (const [path] of views()) {
      const page = await openTake(path, {}, proxy.url);
      await opensAll(page);
      const address = await cite(page);
      expect(address.startsWith(`${proxy.url}/`)).toBe(true);
      await page.goto(address);
      await page.locator('.take > summary').waitFor();
      await opensAll(page);
      await page.close();
    }
  });

  it('a picture of the map says what it shows, of when, by which rules and from where', async () => {
    const page = await openTake('?asOf=2025-11-20&knownAt=2100-01-01');
    await page.locator('.map canvas').first().waitFor();
    const { name, bytes } = await saved(page, page.getByRole('button', { name: 'SVG' }));
    expect(name).toBe('claimline-map-2025-11-20.svg');
    const svg = bytes.toString();
    const read = await run<{ isWrong: boolean; words: string; places: number }>(page, READ_SVG, svg);
    expect(read.isWrong).toBe(false);
    const { version } = (await running.get('/v1/ruleset')).json;
    for (const words of ['20 Nov 2025', '1 Jan 2100', version, 'claimed 2', 'Natural Earth', running.url])
      expect(read.words).toContain(words);
    expect(read.places).toBeGreaterThan(5);
    // Nothing is asked of another place
    expect(svg).not.toMatch(/href|url\(|<image|<script|@import/);

    const png = await saved(page, page.getByRole('button', { name: 'PNG' }));
    expect(png.name).toBe('claimline-map-2025-11-20.png');
    const drawn = await run<{ width: number; height: number; colours: number }>(
      page,
      READ_PNG,
      png.bytes.toString('base64'),
    );
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
    expect([drawn.width, drawn.height]).toEqual([2 * width!, 2 * height!]);
    expect(drawn.colours).toBeGreaterThan(20);
  });

  it('other sites may frame the map, and nothing else', async () => {
    const page = await openTake('?status=contested');
    const code = await page.getByLabel('Code to embed the map').inputValue();
    expect(code).toContain(`${running.url}/embed?`);
    const site: Server = createServer((_request, response) =>
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html>${code}<iframe id="whole" src="${running.url}/${PLACE}"></iframe>`),
    ).listen(0, '127.0.0.1');
    await once(site, 'listening');
    try {
      const { port } = site.address() as AddressInfo;
      const other = await browser.open(`http://127.0.0.1:${port}/`, {
        expected: new RegExp(`request to ${running.url}|frame-ancestors`),
      });
      const embedded = other.frameLocator('iframe[title]');
      await embedded.locator('.map canvas').first().waitFor();
      expect(await embedded.locator('.embed-foot').textContent()).toContain('1 place');
      await eventually(
        async () => other.frames().map((frame) => frame.url()),
        (urls) => expect(urls).toContain('chrome-error://chromewebdata/'),
      );
      expect(await other.frameLocator('#whole').locator('h1', { hasText: 'Kupiansk' }).count()).toBe(0);
    } finally {
      site.close();
    }
  });

  it('a place is printed whole: every statement, no controls, the addresses of sources', async () => {
    // Given more statements than a page of the timeline has
    const many = Array.from({ length: 130 }, (_, n) => ({
      stance: 'assert',
      claim: { predicate: 'fighting' },
      location: { id: 'gn-703656' },
      speaker: { name: `Witness ${n}` },
      statedAt: '2025-11-23',
      source: { url: `https://example.org/${n}` },
    }));
    const { json } = await running.send('POST', '/v1/statements', many);
    await running.get(`/v1/locations?after=${json.token}&wait=30000`);
    const page = await openTake(PLACE);
    await page.evaluate('window.print = () => { window.printed = true }');
    await page.getByRole('button', { name: 'Print' }).press('Enter');
    await eventually(
      () => page.evaluate('window.printed === true'),
      (printed) => expect(printed).toBe(true),
    );
    expect(await page.locator('.timeline > li').count()).toBeGreaterThan(130);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('button:visible, input:visible, select:visible, summary:visible').count()).toBe(
      0,
    );
    expect(await page.getByText(`· ${running.url}/${PLACE}`).isVisible()).toBe(true);
    const shown = await page.evaluate(
      `getComputedStyle(document.querySelector('.timeline .source'), '::after').content`,
    );
    expect(shown).toContain('(https://example.org/');
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it.each([
    ['phone', 'dark', 'uk-UA'],
    ['desktop', 'light', 'en-GB'],
  ] as const)('can be used by everybody: %s, %s, %s', async (window, colorScheme, locale) => {
    for (const [path] of views()) {
      const page = await openTake(path, { ...WINDOWS[window], colorScheme, locale });
      for (const summary of await page.locator('.take details > summary').all()) {
        await summary.focus();
        await page.keyboard.press('Enter');
      }
      await page.locator('.cite textarea').first().waitFor();
      // So high that nothing lies under what stays at the edges of the window.
      await page.setViewportSize({ width: page.viewportSize()!.width, height: 4000 });
      expect([path, await violationsOn(page)]).toEqual([path, []]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      await page.close();
    }
  });
});
