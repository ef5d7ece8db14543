import { claimEvent, parseStatement, placeSchema, type LocationId } from '#libs/domain';
import { EventStore, type EventToAppend } from '#libs/log';
import { Register, type GazetteerPlace } from '#libs/places';
import type pg from 'pg';
import { Random } from '../support/random.js';
import { War, type StatementInput } from '../support/war.js';

export const SHARDS = 16;

/**
 * Statements of a war over this number of registered places, the same for the same label.
 * @param hot the share that is about a fiftieth of the places or less; the others are spread evenly
 */
export function statementsOf(count: number, places: number, label: string, hot = 0): StatementInput[] {
  const war = new War(new Random(hashOf(label)), { places, hot }, label);
  return Array.from({ length: count }, () => war.statement());
}

/** Opens the store and registers the places of the war. */
export async function openWithPlaces(
  pool: pg.Pool,
  places: number,
): Promise<{ store: EventStore; register: Register }> {
  const store = await EventStore.open(pool, { shards: SHARDS });
  const register = new Register(store);
  const war = new War(new Random(1), { places });
  function* gazetteer() {
    for (let at = 0; at < places; at++) yield placeSchema.parse(war.place(at)) as GazetteerPlace;
  }
  await register.reconcile(gazetteer());
  return { store, register };
}

/** The events of statements, ready to be appended: parsed, and recorded on the place that they name. */
export function candidatesOf(
  inputs: readonly StatementInput[],
  placeOf: (input: StatementInput, at: number) => string,
): EventToAppend[] {
  const now = new Date().toISOString();
  return inputs.map((input, at) => {
    const parsed = parseStatement(input, now);
    if (!parsed.ok) throw new Error(parsed.refusal.detail);
    return { event: claimEvent(parsed.value, placeOf(input, at) as LocationId, ''), id: parsed.value };
  });
}

export const PART = 10_000;
const DRAWS_A_STATEMENT = 64;

/**
 * The events of part `part` of a war without end: `PART` statements, spread evenly over the places. Ids of two parts differ, which
 * those of two labels need not from some millions on; and no name has to be looked up.
 */
export function partOfWar(part: number, places: number): EventToAppend[] {
  const random = Random.stretch(part, PART * DRAWS_A_STATEMENT);
  const war = new War(random, { places }, `part-${part}`);
  const about = Array.from({ length: PART }, () => random.int(0, places - 1));
  return candidatesOf(
    about.map((at) => war.statement(at)),
    (_, at) => `war-${about[at]}`,
  );
}

/** Which of the war's places a statement means. */
export function placesByName(places: number): (input: StatementInput) => string {
  const war = new War(new Random(1), { places });
  const ids = new Map(
    Array.from({ length: places }, (_, at) => war.place(at)).map(({ id, names }) => [names[0]!.name, id]),
  );
  return ({ location }) => ('id' in location ? location.id : ids.get(location.name)!);
}

const hashOf = (text: string) =>
  [...text].reduce((hash, char) => (Math.imul(hash, 31) + char.charCodeAt(0)) | 0, 7);
