import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseRuleset, type Ruleset } from '#libs/domain';
import { EventStore, RulesetStore } from '#libs/log';
import { READ_MODELS, rebuild } from '#libs/projection';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
let first: string;
beforeAll(async () => {
  running = await startRunning();
  first = (await running.get('/v1/ruleset')).json.version;
  const rulesets = running.service.app.get(RulesetStore);
  for (const { file } of [DNR, ...many]) await rulesets.remember(file);
  for (const [party, day] of [
    ['russia', 20],
    ['dnr', 21],
    ['ukraine', 22],
  ] as const)
    await running.record({
      speaker: { name: `A speaker of ${party}`, party },
      statedAt: `2025-11-${day}`,
      ...(party === 'ukraine' && { stance: 'deny' }),
    });
  id = (await running.get('/v1/locations?q=kupyansk')).json.items[0].id;
});
afterAll(() => running.stop());

let id: string;

const of = (version: string, sides: object[], parties: object[] = []): Ruleset => {
  const parsed = parseRuleset({ version, sides, parties });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
};
/** With it the DNR is a side of its own, and Ukraine is nobody's adversary. */
const DNR = of('with a side for the DNR / 2', [
  { id: 'russia', name: 'Russia' },
  { id: 'dnr', name: 'DNR' },
]);
const many = Array.from({ length: 6 }, (_, n) =>
  of(`made-up-${n}`, [{ id: `side-${n}`, name: `Side ${n}` }]),
);

const QUESTIONS = () => [
  `/v1/locations/${id}`,
  `/v1/locations/${id}?asOf=2025-11-21`,
  '/v1/locations',
  '/v1/locations?status=contested',
  '/v1/locations?asOf=2025-11-21&side=dnr',
  `/v1/locations/${id}/history`,
  `/v1/locations/${id}/timeline?side=russia`,
  `/v1/locations/${id}/timeline?side=dnr&limit=1`,
  `/v1/locations/${id}/compare?a=2025-11-20`,
];
const asked = (path: string, ruleset: string) =>
  `${path}${path.includes('?') ? '&' : '?'}ruleset=${encodeURIComponent(ruleset)}`;

describe('rulesets', () => {
  it('are listed as they came into use, in pages', async () => {
    const whole = (await running.get('/v1/rulesets')).json;
    expect(whole.nextCursor).toBeNull();
    expect(whole.items.map(({ version }: { version: string }) => version)).toEqual([
      first,
      DNR.version,
      ...many.map(({ version }) => version),
    ]);
    expect(whole.items[0]).toEqual({
      version: first,
      firstUsedAt: expect.stringMatching(/^20.*Z$/),
      inForce: true,
    });
    expect(whole.items.slice(1).every(({ inForce }: { inForce: boolean }) => !inForce)).toBe(true);
    const paged: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await running.get(`/v1/rulesets?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(json.items.length).toBeLessThanOrEqual(3);
      paged.push(...json.items);
      cursor = json.nextCursor;
    }
    expect(paged).toEqual(whole.items);
    expect((await running.get('/v1/rulesets?cursor=x')).json.errors).toMatchObject([{ pointer: '/cursor' }]);
    expect((await running.get('/v1/rulesets?limit=501')).status).toBe(422);
  });

  it('are given one by one', async () => {
    expect((await running.get(`/v1/rulesets/${first}`)).json).toEqual(
      (await running.get('/v1/ruleset')).json,
    );
    expect((await running.get(`/v1/rulesets/${encodeURIComponent(DNR.version)}`)).json).toEqual(DNR.file);
    for (const none of ['never-used', '%00', `${first}%20`]) {
      const { status, json } = await running.get(`/v1/rulesets/${none}`);
      expect([none, status, json.type]).toEqual([none, 404, 'urn:claimline:problem:ruleset-not-found']);
    }
  });

  it('that were never used answer no question', async () => {
    for (const path of [...QUESTIONS(), '/v1/changes'])
      for (const none of ['never-used', '\0']) {
        const { status, json } = await running.get(asked(path, none));
        expect([path, status, json.type]).toEqual([path, 404, 'urn:claimline:problem:ruleset-not-found']);
      }
    expect((await running.get('/v1/locations?ruleset=')).status).toBe(422);
    expect((await running.get(`/v1/locations?order=name&ruleset=${first}`)).json.errors).toMatchObject([
      { pointer: '/order' },
    ]);
  });
});

describe('a question with a ruleset', () => {
  it('is answered by it, also before it is in force and after it was', async () => {
    const answers = async (ruleset?: string) =>
      Promise.all(
        QUESTIONS().map(
          async (path) => (await running.get(ruleset === undefined ? path : asked(path, ruleset))).json,
        ),
      );
    const withoutCursors = (all: object[]) =>
      JSON.parse(JSON.stringify(all), (key, value: unknown) =>
        key === 'nextCursor' ? undefined : value,
      ) as unknown;
    const bookmarks: [path: string, bookmark: string, text: string][] = [];
    for (const path of [...QUESTIONS(), asked('/v1/changes', first)]) {
      const answer = await running.get(path);
      const bookmark = new URL(/<(.*)>/.exec(answer.headers.get('link')!)![1]!, `${running.url}${path}`);
      bookmarks.push([
        path,
        `${bookmark.pathname}${bookmark.search}`,
        (await running.get(`${bookmark.pathname}${bookmark.search}`)).text,
      ]);
    }
    const [own, foreseen] = [await answers(), await answers(DNR.version)];
    expect(withoutCursors(await answers(first))).toEqual(withoutCursors(own));
    expect(foreseen[0]).toMatchObject({
      rulesetVersion: DNR.version,
      control: expect.arrayContaining([expect.objectContaining({ holder: 'russia', standing: 'disputed' })]),
    });
    expect(foreseen[6].items).toHaveLength(1);
    expect(own[6].items).toHaveLength(2);

    const store = running.service.app.get(EventStore);
    await rebuild(store.pool, store, DNR);
    expect((await running.get('/v1/ruleset')).json.version).toBe(DNR.version);
    expect(
      (await running.get('/v1/rulesets')).json.items.filter(({ inForce }: { inForce: boolean }) => inForce),
    ).toMatchObject([{ version: DNR.version }]);
    expect(withoutCursors(await answers())).toEqual(withoutCursors(foreseen));
    expect(withoutCursors(await answers(first))).toEqual(withoutCursors(own));
    // What was fixed before, cursors included, says the same to the byte.
    for (const [path, bookmark, text] of bookmarks)
      expect([path, (await running.get(bookmark)).text]).toEqual([path, text]);
  });

  it('is described', async () => {
    const { paths, components } = (await running.get('/openapi.json')).json;
    for (const path of [
      '/v1/locations',
      '/v1/locations/{id}',
      '/v1/locations/{id}/timeline',
      '/v1/locations/{id}/history',
      '/v1/locations/{id}/compare',
      '/v1/changes',
    ]) {
      expect(paths[path].get.parameters.map(({ name }: { name: string }) => name)).toContain('ruleset');
      expect(paths[path].get.responses[200].headers.Link).toBeDefined();
    }
    expect(paths['/v1/rulesets'].get).toBeDefined();
    expect(paths['/v1/rulesets/{version}'].get.responses[404]).toBeDefined();
    expect(components.schemas.Rulesets).toBeDefined();
  });
});

describe('a decision', () => {
  it('rests on the ruleset in force, also where there are no read models', async () => {
    const store = running.service.app.get(EventStore);
    const { statementId } = (await running.record({ statedAt: '2025-11-23' })).json;
    await rebuild(store.pool, store, DNR);
    await store.pool.query(`drop schema ${READ_MODELS} cascade`);
    const post = async (path: string, body: object) => {
      const { status, json } = await running.send('POST', `/v1/statements${path}`, body);
      return [status, json.type.split(':').at(-1), json.unknownParties];
    };
    const retract = (party: string, strict = false) =>
      post(`/${statementId}/retract?strict=${strict}`, { speaker: { party }, statedAt: '2025-11-24' });
    const statement = { ...PLAIN, speaker: { party: 'ukraine' } };
    // By the ruleset that the service was started with the DNR is of Russia's side, and Ukraine is known.
    expect(await retract('dnr')).toEqual([422, 'retraction-foreign', undefined]);
    expect(await retract('ukraine', true)).toEqual([422, 'party-unknown', undefined]);
    expect(
      await post(`/${statementId}/correct?strict=true`, { by: 'desk', reason: 'whose?', statement }),
    ).toEqual([422, 'party-unknown', undefined]);
    expect(await post('?strict=true', statement)).toEqual([422, 'party-unknown', undefined]);
    expect(await post('', statement)).toEqual([201, 'claim.asserted', ['ukraine']]);
    expect(await retract('russia')).toEqual([201, 'claim.retracted', []]);
  });
});
