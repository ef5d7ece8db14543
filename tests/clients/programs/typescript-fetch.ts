import {
  Configuration,
  ReadingApi,
  ResponseError,
  TheLogApi,
  WritingApi,
  type Problem,
  type StatementInput,
  type Status,
} from './claimline/index.js';

declare const process: { argv: string[] };

const [, , basePath, speaker] = process.argv as [string, string, string, string];
const configuration = new Configuration({ basePath });
const [writing, reading, log] = [
  new WritingApi(configuration),
  new ReadingApi(configuration),
  new TheLogApi(configuration),
];
const ensure = (holds: unknown, what: unknown): void => {
  if (!holds) throw new Error(JSON.stringify(what));
};

const statementInput: StatementInput = {
  statementId: crypto.randomUUID(),
  stance: 'assert',
  claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80.5 } },
  location: { name: `Mill of ${speaker}`, region: 'Lowland', country: 'ZZ', coordinates: [37.608, 49.717] },
  speaker: { name: speaker, party: 'russia' },
  via: ['wire.example'],
  statedAt: '2025-11-20',
};
const record = async (input: StatementInput) => {
  const answer = await writing.recordStatementRaw({ statementInput: input });
  return { status: answer.raw.status, receipt: await answer.value() };
};
const first = await record(statementInput);
ensure(first.status === 201 && !first.receipt.duplicate, first);
const again = await record(statementInput);
ensure(
  again.status === 200 && again.receipt.duplicate && again.receipt.eventId === first.receipt.eventId,
  again,
);

const { locationId: id, token: after } = first.receipt;
const state = await reading.getLocation({ id, after, wait: 10_000 });
ensure(state.status === 'claimed' && state.since instanceof Date && state.coordinates?.[0] === 37.608, state);
ensure(
  state.control[0]?.extent?.percent === 80.5 &&
    state.control[0].assertedBy[0]?.statementId === statementInput.statementId,
  state,
);

const listed = async (status: Status[]) =>
  (await reading.listLocations({ status, q: `Mill of ${speaker}` })).items.map((one) => one.id);
ensure((await listed(['contested', 'claimed'])).includes(id), 'claimed, and not listed');
ensure((await listed(['contested', 'denied'])).length === 0, 'not contested, and listed');

const [event] = (await log.listEvents({ types: ['claim.asserted', 'claim.denied'], locations: [id] })).items;
ensure(event?.type === 'claim.asserted' && event.data.claim.extent?.percent === 80.5, event);

const refusal: unknown = await record({ ...statementInput, claim: { predicate: 'captured' } }).catch(
  (error: unknown) => error,
);
ensure(refusal instanceof ResponseError && refusal.response.status === 422, refusal);
const problem = (await (refusal as ResponseError).response.json()) as Problem;
ensure(
  problem.type === 'urn:claimline:problem:statement-invalid' &&
    problem.errors?.[0]?.pointer === '/claim/actor',
  problem,
);
