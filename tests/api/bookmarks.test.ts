import { EventStore } from '#libs/log';
import { Completeness, ReadModels } from '#libs/queries';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PLAIN, startRunning, type Answer, type Running } from './running.js';

const RUSSIA = { name: 'A general', party: 'russia' };
const UKRAINE = { name: 'A spokesman', party: 'ukraine' };
const GEOJSON = { accept: 'application/geo+json' };

/** The service behind a path prefix, as a proxy puts it there. */
const PREFIX = '/claims';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
  for (const [id, name, lon] of [
    ['kup', 'Kupyansk', 37.6],
    ['vov', 'Vovchansk', 36.9],
    ['siv', 'Siversk', 38.1],
  ] as const)
    await running.send('POST', '/v1/locations', {
      id,
      names: [{ name }],
      coordinates: [lon, 49.7],
      country: 'UA',
    });
  for (const [id, day] of [
    ['kup', '20'],
    ['vov', '21'],
    ['siv', '22'],
  ] as const) {
    await running.record({ location: { id }, speaker: RUSSIA, statedAt: `2025-11-${day}` });
    await running.record({ location: { id }, speaker: UKRAINE, stance: 'deny', statedAt: `2025-11-${day}` });
  }
  // Stated ahead of the clock, as far as that is taken.
  await running.record({
    location: { id: 'kup' },
    speaker: UKRAINE,
    claim: { predicate: 'controls', actor: 'ukraine' },
    statedAt: new Date(Date.now() + 80_000_000).toISOString(),
  });
});
afterAll(() => running.stop());

/** Where the bookmark of an answer leads, resolved as a browser behind a proxy does it. */
function bookmarkOf({ headers }: Answer, path: string): string {
  const [, target] = /^<([^>]+)>; rel="bookmark"$/.exec(headers.get('link') ?? '') ?? [];
  expect([path, target]).toEqual([path, expect.any(String)]);
  const resolved = new URL(target!, `https://proxy.example${PREFIX}${path}`);
  expect(resolved.pathname.startsWith(`${PREFIX}/v1/`)).toBe(true);
  return resolved.href.slice(`https://proxy.example${PREFIX}`.length);
}

/** Without what must differ: the moments that an answer echoes, and cursors, which are good for their own question only. */
const content = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, one: unknown) =>
    ['asOf', 'knownAt', 'nextCursor'].includes(key) ? undefined : one,
  );

async function followed(path: string, headers?: Record<string, string>) {
  const answer = await running.get(path, headers);
  expect([path, answer.status]).toEqual([path, 200]);
  const bookmark = bookmarkOf(answer, path);
  return { answer, bookmark, again: await running.get(bookmark, headers) };
}

const NOW: [path: string, headers?: Record<string, string>][] = [
  ['/v1/locations/kup'],
  ['/v1/locations/kup?asOf=2025-11-20'],
  ['/v1/locations/kup?wait=100&after='],
  ['/v1/locations'],
  ['/v1/locations?status=contested&bbox=36,49,38,51'],
  ['/v1/locations?q=siv', GEOJSON],
  ['/v1/locations?asOf=2025-11-21&side=russia&limit=1'],
  ['/v1/locations?status=contested,claimed&status=denied&flag=fighting'],
  ['/v1/locations/kup/timeline?order=desc&side=ukraine'],
  ['/v1/locations/kup/history'],
  ['/v1/locations/kup/history?asOf=2025-11-20'],
  ['/v1/locations/kup/compare?a=2025-11-19'],
  ['/v1/locations/kup/compare?a=2025-11-20&b=now'],
];

describe('the bookmark of an answer', () => {
  it('is the same question for good, whatever is recorded later', async () => {
    const kept: {
      bookmark: string;
      headers: Record<string, string> | undefined;
      body: unknown;
      text: string;
    }[] = [];
    for (const [path, headers] of NOW) {
      const { answer, bookmark, again } = await followed(path, headers);
      expect([bookmark, again.status]).toEqual([bookmark, 200]);
      expect([path, content(again.json)]).toEqual([path, content(answer.json)]);
      for (const name of ['after', 'wait'])
        expect(new URL(bookmark, 'http://x').searchParams.has(name)).toBe(false);
      // It is its own bookmark.
      expect(bookmarkOf(again, bookmark)).toBe(bookmark);
      kept.push({ bookmark, headers, body: content(answer.json), text: again.text });
    }
    const merged = (await running.record({ location: { name: 'Elsewhere' }, statedAt: '2025-11-01' })).json
      .locationId;
    await running.record({
      location: { id: 'kup' },
      speaker: UKRAINE,
      claim: { predicate: 'withdrew', actor: 'ukraine' },
      statedAt: '2025-11-19',
    });
    await running.send('POST', '/v1/locations/kup/names', { name: 'Siv of another name' });
    const { json } = await running.send('POST', `/v1/locations/${merged}/merge`, { into: 'kup' });
    await running.get(`/v1/locations/kup?after=${json.token}`);
    for (const { bookmark, headers, text } of kept)
      expect([bookmark, (await running.get(bookmark, headers)).text]).toEqual([bookmark, text]);
  });

  it('fixes all three, and is no part of the body', async () => {
    const { answer, bookmark, again } = await followed('/v1/locations/vov');
    const { searchParams } = new URL(bookmark, 'http://x');
    expect([...searchParams.keys()].toSorted()).toEqual(['asOf', 'knownAt', 'ruleset']);
    expect(searchParams.get('ruleset')).toBe(answer.json.rulesetVersion);
    expect(again.json).toMatchObject({
      asOf: searchParams.get('asOf'),
      knownAt: searchParams.get('knownAt'),
    });
    expect(answer.text).not.toContain('bookmark');
    // The same tag, with and without something recorded elsewhere.
    await running.record({ location: { name: 'Far away' }, statedAt: '2025-11-02' });
    const later = await running.get('/v1/locations/vov');
    expect([later.headers.get('etag'), later.headers.get('link')]).toEqual([
      answer.headers.get('etag'),
      answer.headers.get('link'),
    ]);
    const unchanged = await running.get('/v1/locations/vov', { 'if-none-match': later.headers.get('etag')! });
    expect([unchanged.status, unchanged.headers.get('link')]).toEqual([304, later.headers.get('link')]);
  });

  it('of an unchanged state is there, also where only the shards of the place are known to have everything', async () => {
    const path = '/v1/locations/vov';
    const answer = await running.get(path);
    const proof = jest.spyOn(running.service.app.get(Completeness), 'proof', 'get');
    const holds: Completeness['proof']['holds'] = (_at, shards) => shards !== undefined;
    proof.mockReturnValue({ holds } as Completeness['proof']);
    const unchanged = await running.get(path, { 'if-none-match': answer.headers.get('etag')! });
    expect(proof.mock.calls.length).toBeGreaterThan(1);
    proof.mockRestore();
    expect(unchanged.status).toBe(304);
    expect(bookmarkOf(unchanged, path)).toBe(bookmarkOf(answer, path));
  });

  it('of a page is the same page', async () => {
    for (const path of [
      '/v1/locations?limit=1',
      '/v1/locations?limit=1&asOf=2025-11-21',
      '/v1/locations/kup/timeline?limit=1',
      '/v1/locations/kup/history?limit=1',
      '/v1/locations/kup/compare?a=2025-11-01&limit=1',
      '/v1/changes?ruleset=' + (await inForce()) + '&limit=1',
    ]) {
      const first = (await running.get(path)).json;
      const { answer, again, bookmark } = await followed(
        `${path}&cursor=${first.nextCursor ?? first.differences.statements.nextCursor}`,
      );
      expect([path, content(again.json)]).toEqual([path, content(answer.json)]);
      // And it continues from there, at the same moment.
      const next = again.json.nextCursor ?? again.json.differences?.statements.nextCursor;
      if (next)
        expect((await running.get(bookmark.replace(/cursor=[^&]+/, `cursor=${next}`))).status).toBe(200);
    }
  });

  it('is of all that was known where the question names a time to come', async () => {
    const { bookmark, again } = await followed('/v1/locations/siv?knownAt=2100-01-01');
    expect(bookmark).not.toContain('2100');
    await running.record({ location: { id: 'siv' }, speaker: RUSSIA, statedAt: '2025-11-29' });
    expect((await running.get(bookmark)).text).toBe(again.text);
  });

  it('is missing where there can be none', async () => {
    for (const path of [
      '/v1/locations?order=name',
      '/v1/locations?order=changed',
      '/v1/changes',
      '/v1/statements',
      '/v1/locations/nowhere',
    ])
      expect((await running.get(path)).headers.get('link')).toBeNull();
  });

  it('of changes, as known at a time', async () => {
    const { answer, again } = await followed(
      `/v1/changes?from=2025-11-20&knownAt=${new Date().toISOString()}`,
    );
    expect(answer.json.items.length).toBeGreaterThan(3);
    expect(again.json).toEqual(answer.json);
  });

  it('costs no query where nothing was recorded just now', async () => {
    const { app } = running.service;
    const [store, models] = [app.get(EventStore), app.get(ReadModels)];
    await running.get('/v1/locations/vov');
    const looks = [jest.spyOn(store, 'settled'), jest.spyOn(models, 'checkpoints')];
    for (let n = 0; n < 20; n++) bookmarkOf(await running.get('/v1/locations/vov'), '/v1/locations/vov');
    for (const look of looks) expect(look).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });
});

const inForce = async () => (await running.get('/v1/ruleset')).json.version as string;

describe('while statements come in', () => {
  it('each bookmark answers what its answer said', async () => {
    const end = new AbortController();
    // Several writers at once, so that several events of one place have one time, over all shards.
    const writers = Array.from({ length: 3 }, async (_, writer) => {
      for (let n = 0; !end.signal.aborted; n++) {
        const statement = (at: number) => ({
          stance: (n + at) % 3 === 0 ? 'deny' : 'assert',
          claim: { predicate: 'captured', actor: 'russia' },
          location: { name: `Busy ${(n + at) % 4}`, country: 'UA' },
          speaker: { name: `Speaker ${writer} ${n % 7}`, party: at % 2 === 0 ? 'russia' : 'ukraine' },
          statedAt: `2025-11-${String(10 + (n % 15)).padStart(2, '0')}T00:00:${String(n % 60).padStart(2, '0')}Z`,
          source: { outlet: `Outlet ${writer}`, url: `https://outlet.example/${writer}/${n}/${at}` },
        });
        await running.send('POST', '/v1/statements', [0, 1, 2].map(statement));
      }
    });
    const kept: [path: string, bookmark: string, body: unknown][] = [];
    try {
      await running.record({ location: { name: 'Busy 0', country: 'UA' } });
      const ids = (await running.get('/v1/locations?q=busy')).json.items.map(
        ({ id }: { id: string }) => id,
      ) as string[];
      for (let n = 0; n < 60; n++) {
        const id = ids[n % ids.length]!;
        const path = [
          `/v1/locations/${id}`,
          `/v1/locations/${id}/history`,
          `/v1/locations/${id}/timeline?limit=500&order=desc`,
          `/v1/locations?q=busy`,
          `/v1/locations/${id}?asOf=2025-11-20`,
        ][n % 5]!;
        const answer = await running.get(path);
        expect(answer.status).toBe(200);
        // In the midst of writing there may be no moment at which nothing is missing.
        if (answer.headers.get('link') !== null)
          kept.push([path, bookmarkOf(answer, path), content(answer.json)]);
      }
    } finally {
      end.abort();
      await Promise.all(writers);
    }
    for (const [path, bookmark, body] of kept)
      expect([path, bookmark, content((await running.get(bookmark)).json)]).toEqual([path, bookmark, body]);
    expect(kept.length).toBeGreaterThan(0);
    // Once all is projected, each has one.
    expect((await running.get('/v1/locations?knownAt=2100-01-01')).status).toBe(200);
    for (const path of new Set(kept.map(([path]) => path))) await followed(path);
  }, 120_000);
});

describe('once many more places are known', () => {
  it('the bookmark of a list is answered the same, page by page', async () => {
    const day = '2025-11-23';
    const placed = (name: string, n: number) => ({
      ...PLAIN,
      location: { name: `${name} ${n}`, country: 'UA', coordinates: [(n * 7) % 180, (n * 3) % 90] },
      statedAt: day,
      speaker: { name: `Speaker ${n}`, party: n % 3 === 0 ? 'ukraine' : 'russia' },
    });
    const recordMany = async (name: string, count: number) => {
      for (let at = 0; at < count; at += 1000) {
        const { status, json } = await running.send(
          'POST',
          '/v1/statements',
          Array.from({ length: Math.min(1000, count - at) }, (_, n) => placed(name, at + n)),
        );
        expect([status, json.results.every(({ locationId }: { locationId?: string }) => locationId)]).toEqual(
          [200, true],
        );
        await running.get(`/v1/locations/kup?after=${json.token}&wait=60000`);
      }
    };
    await recordMany('Old', 30);
    await running.record({ location: { id: 'siv' }, claim: { predicate: 'fighting' }, statedAt: day });
    const kept: [url: string, text: string][] = [];
    const lists = [
      '',
      '&status=claimed',
      '&status=unclaimed',
      '&flag=fighting',
      '&side=russia',
      '&q=old',
      '&bbox=0,0,90,60',
      `&changedSince=${day}`,
      `&asOf=${day}`,
    ].map((asked) => `/v1/locations?limit=4${asked}`);
    for (const path of [
      ...lists,
      `/v1/locations?limit=4&ruleset=${await inForce()}&status=claimed`,
      `/v1/changes?limit=4&ruleset=${await inForce()}`,
    ]) {
      const bookmark = bookmarkOf(await running.get(path), path);
      for (let url = bookmark; ;) {
        const { status, text, json } = await running.get(url);
        expect([url, status]).toEqual([url, 200]);
        kept.push([url, text]);
        if (json.nextCursor === null) break;
        url = `${bookmark}&cursor=${json.nextCursor}`;
      }
    }
    await recordMany('New', 2000);
    for (let n = 0; n < 30; n += 4)
      await running.record({
        ...placed('Old', n),
        stance: 'deny',
        location: { name: `Old ${n}`, country: 'UA', coordinates: [170, 80] },
        speaker: { party: 'ukraine' },
      });
    for (const [url, text] of kept) expect([url, (await running.get(url)).text]).toEqual([url, text]);
  }, 120_000);
});
