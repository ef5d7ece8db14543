import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../support/program.js';
import { generate } from './client.js';
import { clients } from './clients.js';

export type ClientName = keyof typeof clients;

/** Why a client cannot be tried here; undefined where it can. CLAIMLINE_REQUIRE_CLIENTS=1 forbids to skip any. */
export const whyNot = (name: ClientName): string | undefined =>
  process.env.CLAIMLINE_REQUIRE_CLIENTS === '1' ? undefined : clients[name].whyNot();

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
export async function tryClient(
  name: ClientName,
  url: string,
  document: string,
  within: string,
): Promise<void> {
  const folder = join(within, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  copyFileSync(document, join(folder, 'openapi.json'));
  await generate(clients[name].line, folder);
  const [command, ...args] = await clients[name].compile(folder);
  await runProgram(command!, [...args, url, name]);
  const answer = (await (await fetch(`${url}/v1/statements?speaker=${encodeURIComponent(name)}`)).json()) as {
    items: Told[];
  };
  const received = answer.items.map(
    ({ claim: { predicate, actor, extent }, location: { name: place, coordinates }, via }) => ({
      predicate,
      actor,
      extent,
      place,
      coordinates,
      via,
    }),
  );
  const [saw, expected] = [JSON.stringify(received), JSON.stringify([said(name)])];
  if (saw !== expected) throw new Error(`the service was told ${saw}, not ${expected}`);
}

interface Told {
  claim: { predicate: string; actor: string; extent: object };
  location: { name: string; coordinates: number[] };
  via: string[];
}

/** What each program has to say, once, as it is answered. */
const said = (name: string) => ({
  predicate: 'controls',
  actor: 'russia',
  extent: { op: '>', percent: 80.5 },
  place: `Mill of ${name}`,
  coordinates: [37.608, 49.717],
  via: ['wire.example'],
});
