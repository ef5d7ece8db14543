import createClient from 'openapi-fetch';
import type { components, paths } from './claimline.js';

declare const process: { argv: string[] };

const [, , url, speaker] = process.argv as [string, string, string, string];
const claimline = createClient<paths, 'application/json' | 'application/problem+json'>({ baseUrl: url });
const ensure = (holds: unknown, what: unknown): void => {
  if (!holds) throw new Error(JSON.stringify(what));
};

const statement: components['schemas']['StatementInput'] = {
  statementId: crypto.randomUUID(),
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80.5 } },
  location: { name: `Mill of ${speaker}`, region: 'Lowland', country: 'ZZ', coordinates: [37.608, 49.717] },
  speaker: { name: speaker, party: 'russia' },
  via: ['wire.example'],
  statedAt: '2025-11-20',
};
const first = await claimline.POST('/v1/statements', { body: statement });
ensure(first.response.status === 201 && first.data?.duplicate === false, first);
const again = await claimline.POST('/v1/statements', { body: statement });
ensure(
  again.response.status === 200 &&
    again.data?.duplicate === true &&
    again.data.eventId === first.data?.eventId,
  again,
);

const { locationId: id, token: after } = first.data!;
const { data: state } = await claimline.GET('/v1/locations/{id}', {
  params: { path: { id }, query: { after, wait: 10_000 } },
});
ensure(state?.status === 'claimed' && state.since !== null && state.coordinates?.[0] === 37.608, state);
ensure(
  state?.control[0]?.extent?.percent === 80.5 &&
    state.control[0].assertedBy[0]?.statementId === statement.statementId,
  state,
);

const listed = async (status: components['schemas']['Status'][]) =>
  (
    await claimline.GET('/v1/locations', { params: { query: { status, q: `Mill of ${speaker}` } } })
  ).data?.items.map((one) => one.id);
ensure((await listed(['contested', 'claimed']))?.includes(id), 'claimed, and not listed');
ensure((await listed(['contested', 'denied']))?.length === 0, 'not contested, and listed');

const { data: events } = await claimline.GET('/v1/events', {
  params: { query: { types: ['claim.asserted', 'claim.denied'], locations: [id] } },
});
const event = events?.items[0];
ensure(event?.type === 'claim.asserted' && event.data.claim.extent?.percent === 80.5, events);

const { error: problem, response } = await claimline.POST('/v1/statements', {
  body: { ...statement, claim: { predicate: 'captured' } },
});
ensure(
  response.status === 422 &&
    problem?.type === 'urn:claimline:problem:statement-invalid' &&
    problem.errors?.[0]?.pointer === '/claim/actor',
  problem,
);
