import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describeWith, pathOfProgram } from './system-programs.js';

/** Tests in a real browser: skipped, with a line that says so, where there is none. */
export const describeInBrowser = describeWith({ chromium: 'chromium' });

/** What a reader looks with. */
export const WINDOWS = {
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 800 } },
  wide: { viewport: { width: 1920, height: 1080 } },
} as const satisfies Record<string, BrowserContextOptions>;

export interface TestBrowser {
  /**
   * A page in a context of its own that has opened an address. After each test it is closed, and the test fails if the page
   * wrote an error to the console, threw, broke the policy of content, or asked anything of another origin.
   */
  open(url: string, options?: OpenOptions): Promise<Page>;
}

export interface OpenOptions extends BrowserContextOptions {
  /** Faults of the console that the test brings about. */
  expected?: RegExp;
}

/** One browser for all tests of a file. To be called within a `describe`. */
export function useBrowser(): TestBrowser {
  // A browser without a GPU is slow on a busy machine.
  jest.setTimeout(180_000);
  let browser: Browser;
  const opened: { close(): Promise<void> }[] = [];
  let faults: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: pathOfProgram('chromium')!, args: ['--no-sandbox'] });
  }, 60_000);
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
    const found = faults;
    faults = [];
    expect(found).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    async open(url, { expected, ...options } = {}) {
      const context = await browser.newContext({ ...WINDOWS.desktop, reducedMotion: 'reduce', ...options });
      opened.push(context);
      const { origin } = new URL(url);
      const fault = (text: string) => {
        if (expected?.test(text) !== true) faults.push(text);
      };
      context.on('request', (request) => {
        const asked = new URL(request.url());
        if (asked.protocol.startsWith('http') && asked.origin !== origin) fault(`request to ${asked.origin}`);
      });
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') fault(`console: ${message.text()}`);
      });
      context.on('weberror', (error) => fault(`thrown: ${error.error().message}`));
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
  };
}

/** Reads again and again until what is expected of it holds, for half a minute. @throws what the expectation threw last */
export async function eventually<T>(read: () => Promise<T>, expected: (value: T) => void): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
    const value = await read();
    try {
      return expected(value);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
