import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AppModule } from '#apps/cli/src/app.module.js';
import type { Caller } from '#libs/access';
import { createLogger, readSettings } from '#libs/platform';
import { allParts } from '#libs/service';
import { startService, type Service } from '#modules/service';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { PLAIN } from './running.js';

const WORKER: Caller = { kind: 'key', id: 'k7', name: 'Worker 7', roles: ['ingest'] };
const DESK: Caller = { kind: 'session', id: 'k2', name: 'Desk 2', roles: ['curate', 'operate'] };
const CALLERS: Record<string, Caller> = { worker: WORKER, desk: DESK };

/** Says whom a request comes from, by a header of the tests. */
@Module({})
class Callers implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('onRequest', (request, _reply, done) => {
      const caller = CALLERS[String(request.headers['x-caller'])];
      if (caller) Object.assign(request, { caller });
      done();
    });
  }
}

@Module({})
class WithCallers {}

let database: TestDatabase;
let service: Service;
beforeAll(async () => {
  database = await freshDatabase();
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
  const parts = allParts(settings);
  const module = { module: WithCallers, imports: [AppModule.of(parts), Callers] };
  service = await startService(module, parts, settings, createLogger('silent'));
  process.env.DATABASE_URL = database.url;
});
afterAll(async () => {
  delete process.env.DATABASE_URL;
  await service?.stop();
  await database?.drop();
});

async function send(method: string, path: string, { body, as }: { body?: unknown; as?: string } = {}) {
  const answer = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(as !== undefined && { 'x-caller': as }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // The tests look at what comes back as a client would.
  // oxlint-disable-next-line no-explicit-any
  return { status: answer.status, json: (await answer.json()) as any };
}
const audit = async (query = '') => (await send('GET', `/v1/audit?${query}`)).json;

describe('who did it, over HTTP', () => {
  let statementId: string;
  let locationId: string;

  it('is the caller, for statements by any way; what the client says is kept beside it', async () => {
    const body = { ...PLAIN, by: 'worker-7' };
    const { status, json } = await send('POST', '/v1/statements', { body, as: 'worker' });
    expect(status).toBe(201);
    ({ statementId, locationId } = json);
    const event = (await send('GET', `/v1/events/${json.eventId}`)).json;
    expect(event).toMatchObject({ by: 'Worker 7 (k7)', onBehalfOf: 'worker-7' });
    const shown = (await send('GET', `/v1/statements/${statementId}?after=${json.token}&wait=30000`)).json;
    expect(shown).toMatchObject({ by: 'Worker 7 (k7)', onBehalfOf: 'worker-7' });

    const array = [{ ...PLAIN, statedAt: '2025-11-19' }];
    const { results } = (await send('POST', '/v1/statements', { body: array, as: 'desk' })).json;
    expect((await send('GET', `/v1/events/${results[0].eventId}`)).json).toMatchObject({ by: 'Desk 2 (k2)' });

    const lines = await fetch(`${service.url}/v1/statements?results=all`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', 'x-caller': 'worker' },
      body: `${JSON.stringify({ ...PLAIN, statedAt: '2025-11-18' })}\n`,
    });
    const [first] = (await lines.text()).split('\n');
    const { eventId } = JSON.parse(first!) as { eventId: string };
    expect((await send('GET', `/v1/events/${eventId}`)).json).toMatchObject({ by: 'Worker 7 (k7)' });
    // Statements are no commands of curators.
    expect(await audit()).toEqual({ items: [], nextCursor: null });
  });

  it('changes nothing of what a repeat is', async () => {
    const { status, json } = await send('POST', '/v1/statements', { body: PLAIN });
    expect([status, json]).toMatchObject([200, { statementId, duplicate: true }]);
    expect(await send('POST', '/v1/statements', { body: { ...PLAIN, by: 'x' }, as: 'desk' })).toEqual({
      status,
      json,
    });
  });

  it('lists what a curator did, newest first, by pages and filters', async () => {
    const path = `/v1/statements/${statementId}/void`;
    expect(await send('POST', path, { body: { reason: 'swapped' } })).toMatchObject({ status: 422 });
    const voided = await send('POST', path, { body: { reason: 'swapped' }, as: 'desk' });
    expect(voided.status).toBe(201);
    expect((await send('DELETE', `${path}?by=anna&reason=sorry`, { as: 'desk' })).status).toBe(200);
    const place = { id: 'mill', names: [{ name: 'Mill' }] };
    expect((await send('POST', '/v1/locations', { body: place })).status).toBe(201);
    const merged = await send('POST', `/v1/locations/${locationId}/merge`, {
      body: { into: 'mill', by: 'anna' },
      as: 'desk',
    });
    expect(merged.status).toBe(201);

    const { items, nextCursor } = await audit();
    expect(nextCursor).toBeNull();
    expect(items).toMatchObject([
      { type: 'location.merged', by: 'Desk 2 (k2)', onBehalfOf: 'anna', data: { locationId, into: 'mill' } },
      { type: 'location.registered', data: { locationId: 'mill' } },
      { type: 'statement.reinstated', by: 'Desk 2 (k2)', onBehalfOf: 'anna', data: { reason: 'sorry' } },
      { type: 'statement.voided', by: 'Desk 2 (k2)', statementId, data: { reason: 'swapped' } },
    ]);
    expect(items[1]).not.toHaveProperty('by');
    expect(items[3]).not.toHaveProperty('onBehalfOf');
    expect(items[3]).toEqual((await send('GET', `/v1/events/${voided.json.eventId}`)).json);

    const first = await audit('limit=3');
    expect([first.items, typeof first.nextCursor]).toEqual([items.slice(0, 3), 'string']);
    expect(await audit(`limit=3&cursor=${first.nextCursor}`)).toEqual({
      items: items.slice(3),
      nextCursor: null,
    });
    expect(await send('GET', `/v1/audit?cursor=${first.nextCursor}&by=anna`)).toMatchObject({ status: 422 });
    const forged = (key: unknown[]) => {
      const { list } = JSON.parse(Buffer.from(first.nextCursor, 'base64url').toString()) as { list: string };
      return Buffer.from(JSON.stringify({ after: key, list })).toString('base64url');
    };
    for (const key of [
      ['2026-01-01T00:00:00.000Z', 99_999, 1],
      ['0000-01-01T00:00:00.000Z', 0, 1],
    ])
      expect(await send('GET', `/v1/audit?cursor=${forged(key)}`)).toMatchObject({ status: 422 });

    const types = async (query: string) =>
      (await audit(query)).items.map(({ type }: { type: string }) => type.split('.')[1]);
    expect(await types('by=Desk%202')).toEqual(['merged', 'reinstated', 'voided']);
    expect(await types('by=anna')).toEqual(['merged', 'reinstated']);
    expect(await types('location=mill')).toEqual(['merged', 'registered']);
    expect(await types(`statement=${statementId}`)).toEqual(['reinstated', 'voided']);
    expect(await types('types=location.registered,statement.voided')).toEqual(['registered', 'voided']);
    expect(await types(`from=${items[0].recordedAt}`)).toContain('merged');
    expect(await types('to=2020')).toEqual([]);
    for (const query of ['types=claim.asserted', 'location=register', 'statement=x', 'limit=0', 'who=me'])
      expect(await send('GET', `/v1/audit?${query}`)).toMatchObject({
        status: 422,
        json: { type: 'urn:claimline:problem:query-invalid' },
      });
  });

  it('lists what an operator did, and who erased a quote', async () => {
    const quoted = {
      ...PLAIN,
      statedAt: '2025-11-17',
      source: { outlet: 'example.org', quote: 'It is ours' },
    };
    const { json } = await send('POST', '/v1/statements', { body: quoted, as: 'worker' });
    const path = `/v1/statements/${json.statementId}/quote?reason=order%207`;
    expect(await send('DELETE', path, { as: 'desk' })).toMatchObject({ status: 200 });
    const run = await send('POST', '/v1/replays', { body: { kind: 'rebuild', compare: true }, as: 'desk' });
    expect(run).toMatchObject({ status: 202, json: { spec: { compare: true } } });
    expect(run.json.spec).not.toHaveProperty('signature');
    const { items } = await audit('types=operation.performed');
    expect(items).toMatchObject([
      {
        by: 'Desk 2 (k2)',
        data: {
          operation: 'replay.started',
          subject: run.json.replayId,
          detail: `comparison with ruleset ${run.json.spec.rulesetVersion}`,
        },
      },
      {
        by: 'Desk 2 (k2)',
        data: { operation: 'quote.erased', subject: json.statementId, reason: 'order 7' },
      },
    ]);
    expect((await audit(`statement=${json.statementId}`)).items).toEqual([items[1]]);
  });

  it('is listed by the command line too', async () => {
    const { items } = await audit();
    const json = await claimline('audit', '--json');
    expect(json).toMatchObject({ code: 0, err: '' });
    const events = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toEqual(items);
    const some = await claimline('audit', '--by', 'anna', '--limit', '1');
    expect(some.out).toBe(
      `${items.find((one: { onBehalfOf?: string }) => one.onBehalfOf === 'anna').recordedAt} location.merged ` +
        `${locationId} into mill by Desk 2 (k2), for anna\n`,
    );
    expect(some.err).toContain('--limit shows more');
    expect((await claimline('audit', '--statement', statementId, '--type', 'statement.voided')).out).toMatch(
      new RegExp(`^\\S+ statement.voided ${statementId} by Desk 2 \\(k2\\): swapped\n$`),
    );
    expect(await claimline('audit', '--to', '2020')).toMatchObject({
      code: 0,
      out: 'no commands of curators or operators\n',
    });
    for (const wrong of [
      ['--type', 'claim.asserted'],
      ['--from', 'soon'],
      ['--location', '§'],
      ['--statement', 'x'],
    ])
      expect(await claimline('audit', ...wrong)).toMatchObject({ code: 2 });
  });
});
