import {
  getLocation,
  listEvents,
  listLocations,
  recordStatement,
  type StatementInput,
  type Status,
} from './claimline/index.js';
import { client } from './claimline/client.gen.js';

declare const process: { argv: string[] };

const [, , baseUrl, speaker] = process.argv as [string, string, string, string];
client.setConfig({ baseUrl });
const ensure = (holds: unknown, what: unknown): void => {
  if (!holds) throw new Error(JSON.stringify(what));
};

const body: StatementInput = {
  statementId: crypto.randomUUID(),
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80.5 } },
  location: { name: `Mill of ${speaker}`, region: 'Lowland', country: 'ZZ', coordinates: [37.608, 49.717] },
  speaker: { name: speaker, party: 'russia' },
  via: ['wire.example'],
  statedAt: '2025-11-20',
};
const first = await recordStatement({ body });
ensure(first.response?.status === 201 && first.data?.duplicate === false, first);
const again = await recordStatement({ body });
ensure(
  again.response?.status === 200 &&
    again.data?.duplicate === true &&
    again.data.eventId === first.data?.eventId,
  again,
);

const { locationId: id, token: after } = first.data!;
const { data: state } = await getLocation({ path: { id }, query: { after, wait: 10_000 } });
ensure(state?.status === 'claimed' && state.since !== null && state.coordinates?.[0] === 37.608, state);
ensure(
  state?.control[0]?.extent?.percent === 80.5 &&
    state.control[0].assertedBy[0]?.statementId === body.statementId,
  state,
);

const listed = async (status: Status[]) =>
  (await listLocations({ query: { status, q: `Mill of ${speaker}` } })).data?.items.map((one) => one.id);
ensure((await listed(['contested', 'claimed']))?.includes(id), 'claimed, and not listed');
ensure((await listed(['contested', 'denied']))?.length === 0, 'not contested, and listed');

const { data: events } = await listEvents({
  query: { types: ['claim.asserted', 'claim.denied'], locations: [id] },
});
const event = events?.items[0];
ensure(event?.type === 'claim.asserted' && event.data.claim.extent?.percent === 80.5, events);

const { error: problem, response } = await recordStatement({
  body: { ...body, claim: { predicate: 'captured' } },
});
ensure(
  response?.status === 422 &&
    problem?.type === 'urn:claimline:problem:statement-invalid' &&
    problem.errors?.[0]?.pointer === '/claim/actor',
  problem,
);
