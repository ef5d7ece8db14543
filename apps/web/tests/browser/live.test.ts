import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { HttpAdapterHost } from '@nestjs/core';
import type { BrowserContext, Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { damage } from '../../../../tests/support/damage.js';
import { describeInBrowser, eventually, useBrowser } from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const KURYLIVKA = { name: 'Kurylivka', region: 'Kharkiv', country: 'UA' };

describeInBrowser('the live page', () => {
  let running: Running;
  let streams: Streams;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    streams = new Streams(running.service.app.get(HttpAdapterHost).httpAdapter.getHttpServer() as Server);
  }, 60_000);
  beforeEach(async () => {
    await eventually(
      async () => streams.open.size,
      (open) => expect(open).toBe(0),
    );
    streams.asked.length = 0;
  });
  afterAll(() => running?.stop());

  let day = Date.parse('2025-12-01');
  /** A statement that is later than all others, so that it can be seen. */
  const record = (location: object = KURYLIVKA) =>
    running.record({ location, statedAt: new Date((day += 86_400_000)).toISOString().slice(0, 10) });
  const isLive = (page: Page) => page.getByText('Live', { exact: true }).waitFor();
  const news = (page: Page, n: number) =>
    page.getByRole('button', { name: n === 1 ? '1 place has changed' : `${n} places have changed` });
  const openHome = async (query = '', options = {}): Promise<Page> => {
    const page = await browser.open(`${running.url}/${query}`, options);
    await page.locator('.place').first().waitFor();
    return page;
  };
  const openTab = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(running.url);
    await page.locator('.place').first().waitFor();
    await isLive(page);
    return page;
  };

  it('tells of no place that has not changed, also where a filter leaves it out', async () => {
    const page = await openHome('?q=Kup');
    await isLive(page);
    // When one place changes, the stream has the others again that were there when it began
    await record({ name: 'Kupiansk', region: 'Kharkiv', country: 'UA' });
    await news(page, 1).waitFor();
  });

  it('has one connection for all tabs, and another tab takes over', async () => {
    // Given eight tabs, more than the connections that a browser has for a host
    const leader = await openHome();
    await isLive(leader);
    const others: Page[] = [];
    for (let tab = 2; tab <= 8; tab++) others.push(await openTab(leader.context()));
    expect(streams.asked).toHaveLength(1);
    // When a statement comes in
    await record();
    // Then each tab has it
    for (const page of [leader, ...others]) await news(page, 1).waitFor();
    // When the tab with the connection is closed, and another statement comes in at once
    await leader.close();
    await record({ id: 'gn-703656' });
    // Then the others have it by one new connection
    for (const page of others) await news(page, 2).waitFor();
    expect(streams.open.size).toBe(1);
    expect(streams.asked).toHaveLength(2);
    expect(streams.asked[1]).toMatch(/\bafter=/);
  });

  it.each(['', 'changes', 'places/gn-703656'])(
    'misses nothing of an outage that began before anything was heard: /%s',
    async (path) => {
      const page = await browser.open(`${running.url}/${path}`, { expected: /503|ERR_INCOMPLETE/ });
      await page.getByText('Kupiansk').first().waitFor();
      await eventually(
        async () => streams.open.size,
        (open) => expect(open).toBe(1),
      );
      // When the connection is cut, and only 503 is answered
      let refused = 0;
      await page.route('**/v1/stream*', async (route) => {
        refused++;
        await route.fulfill({ status: 503, body: '{}' });
      });
      streams.cut();
      await eventually(
        async () => refused,
        (times) => expect(times).toBeGreaterThan(1),
      );
      // And something is said meanwhile
      await record({ id: 'gn-703656' });
      await page.unroute('**/v1/stream*');
      // Then the page resumes where it was
      await eventually(
        async () => streams.open.size,
        (open) => expect(open).toBe(1),
      );
      expect(streams.asked.at(-1)).toMatch(/\bafter=/);
      if (path !== 'changes')
        await page.getByRole('button', { name: /^(1 place has changed|1 new statement)/ }).waitFor();
    },
  );

  it('shows nothing a second time', async () => {
    const page = await openHome('', { expected: /ERR_INCOMPLETE/ });
    await isLive(page);
    await record();
    await news(page, 1).click();
    await news(page, 1).waitFor({ state: 'detached' });
    // When the connection is cut and resumed, and something new is said
    streams.cut();
    await eventually(
      async () => streams.asked.length,
      (asked) => expect(asked).toBe(2),
    );
    await record({ id: 'gn-703656' });
    // Then only that is new
    await page.getByRole('button', { name: /changed/ }).waitFor();
    expect(await page.getByRole('button', { name: /changed/ }).textContent()).toContain('1 place has');
  });

  it('has no connection while it is hidden, and what happened meanwhile when it is seen again', async () => {
    const page = await openHome();
    await isLive(page);
    await show(page, 'hidden');
    await eventually(
      async () => streams.open.size,
      (open) => expect(open).toBe(0),
    );
    await record();
    await show(page, 'visible');
    await news(page, 1).waitFor();
    expect(streams.asked.at(-1)).toMatch(/\bafter=/);
  });

  it('is off while it shows the past', async () => {
    const page = await openHome('?asOf=2025-11-20');
    await page.getByText('As of the end of 20 Nov 2025').waitFor();
    expect(streams.asked).toEqual([]);
    await record();
    // When the reader comes back to now
    await page.locator('.clock').getByRole('button', { name: 'Now', exact: true }).click();
    await isLive(page);
    // Then what was said meanwhile is simply there, and the next is new
    await record({ id: 'gn-703656' });
    await page.getByRole('button', { name: /changed/ }).waitFor();
    expect(await page.getByRole('button', { name: /changed/ }).textContent()).toContain('1 place has');
    // And off again with a moment of knowledge
    await page.goto(`${running.url}/?knownAt=2025-11-20`);
    await eventually(
      async () => streams.open.size,
      (open) => expect(open).toBe(0),
    );
  });

  it('moves nothing that is read, says politely what is new, and can be paused', async () => {
    const page = await openHome();
    await isLive(page);
    const place = page.locator('.place', { has: page.getByRole('link', { name: 'Kupiansk', exact: true }) });
    const before = await place.boundingBox();
    await record();
    await news(page, 1).waitFor();
    expect(await place.boundingBox()).toEqual(before);
    await page.getByRole('status').filter({ hasText: '1 place has changed' }).waitFor();
    // When the reader pauses
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const shown = await place.textContent();
    const heard = page.evaluate(
      `new Promise((resolve) => {
        const channel = new BroadcastChannel('claimline-live');
        channel.onmessage = ({ data }) => data.news?.kind === 'state' && resolve();
      })`,
    );
    await record({ id: 'gn-703656' });
    await heard;
    // Then nothing changes
    expect(await place.textContent()).toBe(shown);
    await news(page, 1).waitFor();
    // And what came meanwhile is there when he goes on
    await page.getByRole('button', { name: 'Go on', exact: true }).click();
    await news(page, 2).waitFor();
    expect(await place.textContent()).not.toBe(shown);
  });

  it('stays connected where an event of the log cannot be read', async () => {
    const page = await openHome();
    await isLive(page);
    await show(page, 'hidden');
    // Given an event that the page has not heard of, and that cannot be read
    await damage(running.databaseUrl, (await record()).json);
    // When the page goes on, and something is said about a place of another shard
    await show(page, 'visible');
    await isLive(page);
    await record({ id: 'gn-703656' });
    // Then it hears of it by the same connection
    await page.getByRole('button', { name: /changed/ }).waitFor();
    await record({ id: 'gn-703656' });
    expect(streams.asked).toHaveLength(2);
  });
});

/** The live streams of a service, as its server sees them. */
class Streams {
  readonly open = new Set<ServerResponse>();
  readonly asked: string[] = [];

  constructor(server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!request.url!.startsWith('/v1/stream')) return;
      this.asked.push(request.url!);
      this.open.add(response);
      response.once('close', () => this.open.delete(response));
    });
  }

  cut(): void {
    for (const response of this.open) response.destroy();
  }
}

/** Hides a page as the browser does with a tab that is not looked at, or shows it again. */
const show = (page: Page, state: 'hidden' | 'visible') =>
  page.evaluate(
    `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));`,
  );
