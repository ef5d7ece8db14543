import { open } from 'node:fs/promises';
import { parseBody, placeSchema, type LocationId, type PlaceFacts } from '#libs/domain';
import type { Register } from './register.js';
import { failWithFile, linesOf, type Logger, parseJson } from '#libs/platform';

const MAX_LINE_BYTES = 1024 * 1024;

/** Appends the places, names and codes of the file that the register lacks; removes nothing. @throws naming the wrong line */
export async function loadGazetteer(file: string, register: Register, log: Logger): Promise<void> {
  const { places, events } = await register.reconcile(placesOf(file));
  log.info(
    { file, places, events },
    events === 0 ? 'the register has all of the gazetteer' : 'the gazetteer was added to the register',
  );
}

/** The places of a gazetteer file: NDJSON, each line a body of POST /v1/locations, with an id. */
async function* placesOf(file: string): AsyncGenerator<PlaceFacts & { id: LocationId }> {
  const input = await open(file).catch((error) => failWithFile('GAZETTEER_FILE', file, 'read', error));
  for await (const { number, bytes, tooLong } of linesOf(input.createReadStream(), MAX_LINE_BYTES)) {
    const wrong = (detail: string) => new Error(`gazetteer ${file}, line ${number}: ${detail}`);
    if (tooLong) throw wrong('too long');
    let json: unknown;
    try {
      json = parseJson(bytes);
    } catch (error) {
      throw wrong((error as Error).message);
    }
    const parsed = parseBody(placeSchema, json);
    if (!parsed.ok)
      throw wrong(parsed.refusal.errors!.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
    const { id, by: _by, reason: _reason, ...facts } = parsed.value;
    if (!id) throw wrong('/id is required');
    yield { id, ...facts };
  }
}
