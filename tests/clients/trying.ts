import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../support/program.js';
import { generate } from './client.js';
import { clients } from './clients.js';

export type ClientName = keyof typeof clients;

/** Why a client cannot be tried here; undefined where it can. CLAIMLINE_REQUIRE_CLIENTS=1 forbids to skip any. */
export const whyNot = (name: ClientName): string | undefined => (process.env.CLAIMLINE_REQUIRE_CLIENTS === '1' ? undefined : clients[name].whyNot());

/** Downloads the document of a service, as those do who make a client. */
export async function documentOf(url: string, folder: string): Promise<string> {
  const file = join(folder, 'openapi.json');
  writeFileSync(file, await (await fetch(`${url}/openapi.json`)).text());
  return file;
}

/**
 * Makes a client of the document, and has its program use the service; then looks in the service whether it did.
 * @throws Error with what the generator, the compiler, the program or the look says
 */
export async function tryClient(name: ClientName, url: string, document: string, within: string): Promise<void> {
  const folder = join(within, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  copyFileSync(document, join(folder, 'openapi.json'));
  await generate(clients[name].line, folder);
  const [command, ...args] = await clients[name].compile(folder);
  await runProgram(command!, [...args, url, name]);
  const answer = (await (await fetch(`${url}/v1/statements?speaker=${encodeURIComponent(name)}`)).json()) as { items: { claim: unknown; location: unknown; via: unknown }[] };
  const [statement, ...more] = answer.items;
  const told = { claim: statement?.claim, location: statement?.location, via: statement?.via, more: more.length };
  if (JSON.stringify(told) !== JSON.stringify(expected(name))) throw new Error(`the service was told ${JSON.stringify(told)}, not ${JSON.stringify(expected(name))}`);
}

/** What each program has to say, as it is answered. */
const expected = (name: string) => ({
  claim: { actor: 'russia', certainty: 'plain', extent: { op: '>', percent: 80.5 }, modality: 'actual', predicate: 'controls' },
  location: { coordinates: [37.608, 49.717], country: 'ZZ', name: `Mill of ${name}`, region: 'Lowland' },
  via: ['wire.example'],
  more: 0,
});
