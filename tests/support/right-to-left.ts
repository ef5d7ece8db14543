import type { Page } from 'playwright-core';
import type { Running } from '../api/running.js';

/** A place that never was, whose name and speakers are written from right to left. */
export const PLACE = { id: 'rtl-1', name: 'تل الريحان (القديمة)' };
export const ARABIC_SPEAKER = 'سليم الخيّاط';
export const HEBREW_SPEAKER = 'נועם בן־ארי';
export const INDEPENDENT = 'مرصد النهر 7';
export const OUTLET = 'صحيفة الأفق 24';
export const QUOTE = 'دخلت القوات البلدة في 20 نوفمبر.';

const about = {
  location: { name: PLACE.name, region: 'Kharkiv', country: 'UA' },
  claim: { predicate: 'captured', actor: 'russia' },
  source: { outlet: OUTLET, url: 'https://example.org/2025/11/rtl', language: 'ar', quote: QUOTE },
};

const statements = [
  {
    ...about,
    stance: 'assert',
    speaker: { name: ARABIC_SPEAKER, role: 'مراسل', party: 'russia' },
    statedAt: '2025-11-20',
  },
  { ...about, stance: 'assert', speaker: { name: INDEPENDENT }, statedAt: '2025-11-21' },
  {
    ...about,
    stance: 'deny',
    speaker: { name: HEBREW_SPEAKER, role: 'דובר (זמני)', party: 'ukraine' },
    statedAt: '2025-11-22',
    via: ['סוכנות "אופק"', 'a news agency'],
  },
];

/** Records that place and what was said about it. */
export async function recordRightToLeft(running: Running): Promise<void> {
  const place = await running.send('POST', '/v1/locations', {
    id: PLACE.id,
    names: [
      { name: PLACE.name, language: 'ar', script: 'Arab', kind: 'official' },
      { name: 'תל א־ריחאן', language: 'he', script: 'Hebr' },
    ],
    country: 'UA',
    region: 'Kharkiv',
    coordinates: [37.2, 49.4],
  });
  if (place.status !== 201) throw new Error(place.text);
  for (const statement of statements) await running.record(statement);
}

/** Text of a page that runs from right to left and is not isolated from what stands beside it: it may change places with it. */
export async function looseTexts(page: Page): Promise<string[]> {
  const names = await page
    .locator('[aria-label], [title]')
    .evaluateAll((all) =>
      all.flatMap((one) => [one.getAttribute('aria-label') ?? '', one.getAttribute('title') ?? '']),
    );
  const texts: { text: string; isIsolated: boolean }[] = await page
    .locator('body *')
    .evaluateAll((all) =>
      all.flatMap((one) =>
        [...one.childNodes]
          .filter((node) => node.nodeType === 3)
          .map((node) => ({ text: node.data, isIsolated: one.closest('bdi, option, [dir]') !== null })),
      ),
    );
  return [
    ...texts.filter(({ text, isIsolated }) => isMixed(text) || (isRight(text) && !isIsolated)),
    ...[...names, await page.title()].filter(isMixed).map((text) => ({ text })),
  ].map(({ text }) => text);
}

/** Without what is isolated in it. */
const withoutNames = (text: string) => text.replaceAll(/\u2068[^\u2068\u2069]*\u2069/g, '');
const isRight = (text: string) => /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(withoutNames(text));
const isMixed = (text: string) =>
  isRight(text) && /[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(withoutNames(text));
