import type { Happening } from './happening.js';
import type { Recorded } from './recording.js';

const BATCH = 1000;

/** Sends a war to a service, in order; it is recorded when it comes. @throws where the service fails */
export async function sendOverHttp(
  url: string,
  happenings: readonly Happening[],
  onProgress: (done: number) => void = () => {},
): Promise<Recorded> {
  const recorded: Recorded = { events: 0, refused: 0 };
  const statements: object[] = [];
  const { CLAIMLINE_KEY } = process.env;
  const authorization = CLAIMLINE_KEY ? { authorization: `Bearer ${CLAIMLINE_KEY}` } : undefined;
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...authorization },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const json: unknown = await answer.json();
    if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(json)}`);
    return { ok: answer.ok, json };
  };
  const flush = async () => {
    if (statements.length === 0) return;
    const { json } = await ask('POST', '/v1/statements', statements.splice(0));
    for (const result of (json as { results: object[] }).results)
      recorded['eventId' in result ? 'events' : 'refused'] += 1;
  };
  const send = async (method: string, path: string, body?: unknown) =>
    void (recorded[(await ask(method, path, body)).ok ? 'events' : 'refused'] += 1);
  for (const [at, happening] of happenings.entries()) {
    if (happening.kind === 'statement') {
      statements.push(happening.statement);
      if (statements.length < BATCH) continue;
    }
    await flush();
    switch (happening.kind) {
      case 'statement':
        break;
      case 'place':
        await send('POST', '/v1/locations', happening.place);
        break;
      case 'retraction':
        await send('POST', `/v1/statements/${happening.statementId}/retract`, happening.body);
        break;
      case 'void':
        await send('POST', `/v1/statements/${happening.statementId}/void`, happening.body);
        break;
      case 'reinstatement':
        await send('DELETE', `/v1/statements/${happening.statementId}/void`, happening.body);
        break;
      case 'merge':
        await send('POST', `/v1/locations/${happening.id}/merge`, { into: happening.into, by: happening.by });
        break;
      case 'unmerge':
        await send('DELETE', `/v1/locations/${happening.id}/merge`, { by: happening.by });
        break;
    }
    onProgress(at + 1);
  }
  await flush();
  return recorded;
}
