import { hash } from 'node:crypto';
import { v5 } from 'uuid';
import canonicalize from 'canonicalize';
import { fold } from './fold.js';
import { foldRegion } from './region.js';

export type StatementId = string & { readonly brand: 'StatementId' };
export type EventId = string & { readonly brand: 'EventId' };
export type LocationId = string & { readonly brand: 'LocationId' };

/** The stream of all `location.*` events. No place may have this id. */
export const REGISTER_STREAM = 'register';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads a UUID of any version; ids are kept and compared in lower case. */
export const parseUuid = (text: string): string | undefined =>
  UUID.test(text) ? text.toLowerCase() : undefined;

export const LOCATION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** Reads the id of a place: letters, digits, `.`, `_`, `:` and `-`, at most 100. */
export const parseLocationId = (text: string): LocationId | undefined =>
  LOCATION_ID.test(text) && text !== REGISTER_STREAM ? (text as LocationId) : undefined;

/** The JSON text of RFC 8785 (JSON Canonicalization Scheme): equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  const json = canonicalize(value);
  if (json === undefined) throw new TypeError('not a JSON value');
  return json;
}

/** Through a string: the buffers that `hash` makes itself cost more than the hashing. */
export const sha256 = (data: string | Buffer): Buffer =>
  Buffer.from(hash('sha256', data, 'binary'), 'binary');

// Random, and fixed for ever: ids of recorded statements and places derive from them.
const STATEMENTS = '2d1f0c36-5f0e-4d5c-9b0e-6f1f2f8a7c11';
const RETRACTIONS = '7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27';
const EVENTS = '93c5b1b4-2f4a-4c39-9a5e-5f0d6b7e8c42';
const PLACES = 'b86e1f5a-7d3c-4b8f-a1c9-2e4d6f8a0b63';

/** The id of a statement submitted without one: the UUIDv5 of the canonical text of its content. */
export const statementIdOf = (content: string): StatementId => v5(content, STATEMENTS) as StatementId;

export const retractionIdOf = (content: string): string => v5(content, RETRACTIONS);

/** The id of a claim's event derives from its statement, so that recording it again can never make a second one. */
export const claimEventId = (statement: StatementId): EventId => v5(statement, EVENTS) as EventId;

/**
 * The id of the event of a command that may be sent again: the same for the same command.
 * @param identity distinguishes the command from every other one
 */
export const commandEventId = (identity: string): EventId => v5(`command ${identity}`, EVENTS) as EventId;

/** The id of the void that a correction makes: there is never a second one for the same two statements. */
export const correctionEventId = (corrected: StatementId, by: StatementId): EventId =>
  commandEventId(`correct ${corrected} ${by}`);

/** The region or place around a place, as its id depends on it: a place of the register, or a name as given. */
export type Around = { id: LocationId } | string;

/**
 * The id of a place that no gazetteer knows: the same for every mention of the same name in the same country, region and
 * surrounding place.
 */
export function provisionalId(name: string, country?: string, region?: Around, within?: Around): LocationId {
  const around = (given: Around | undefined, folding: (text: string) => string) =>
    typeof given === 'string' ? folding(given) : (given ?? null);
  return v5(
    canonicalJson([
      fold(name),
      country ?? null,
      around(region, foldRegion),
      ...(within === undefined ? [] : [around(within, fold)]),
    ]),
    PLACES,
  ) as LocationId;
}

/** The id of a place whose own id an older fold gave to another place. */
export const anotherId = (taken: LocationId): LocationId => v5(`another ${taken}`, PLACES) as LocationId;

/** The shard of a stream: the first four bytes of the sha256 of its name, modulo the number of shards. */
export const shardOf = (stream: string, shards: number): number => sha256(stream).readUInt32BE(0) % shards;
