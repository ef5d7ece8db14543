import { hash } from 'node:crypto';
import { fold } from './fold.js';
import { foldRegion } from './region.js';
import { memoize } from './text.js';

export type StatementId = string & { readonly brand: 'StatementId' };
export type EventId = string & { readonly brand: 'EventId' };
export type LocationId = string & { readonly brand: 'LocationId' };

/** The stream of all `location.*` events. No place may have this id. */
export const REGISTER_STREAM = 'register';

/** The stream of all events of operations: no id of a place begins so. */
export const OPERATIONS_STREAM = '$operations';

/** Whether a stream is a place's, with the statements about it. */
export const isPlaceStream = (stream: string): stream is LocationId =>
  stream !== REGISTER_STREAM && stream !== OPERATIONS_STREAM;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads a UUID of any version; ids are kept and compared in lower case. */
export const parseUuid = (text: string): string | undefined =>
  UUID.test(text) ? text.toLowerCase() : undefined;

export const LOCATION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** Reads the id of a place: letters, digits, `.`, `_`, `:` and `-`, at most 100. */
export const parseLocationId = (text: string): LocationId | undefined =>
  LOCATION_ID.test(text) && text !== REGISTER_STREAM ? (text as LocationId) : undefined;

/**
 * The JSON text of RFC 8785 (JSON Canonicalization Scheme): equal values have equal texts. Fields that are undefined are left out.
 * @throws TypeError for what is no JSON
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean' || value === null || Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || typeof (value as { toJSON?: unknown }).toJSON === 'function')
    throw new TypeError('not a JSON value');
  let json = '';
  if (Array.isArray(value)) {
    for (const item of value) json += (json === '' ? '[' : ',') + canonicalJson(item);
    return json === '' ? '[]' : `${json}]`;
  }
  for (const key of inOrder(Object.keys(value))) {
    const field = (value as Fields)[key];
    if (field !== undefined) json += (json === '' ? firstKey(key) : laterKey(key)) + canonicalJson(field);
  }
  return json === '' ? '{}' : `${json}}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** The canonical text of an object, and where in it the fields are. The object stays as it is. */
export interface WrittenFields {
  of: object;
  text: string;
  keys: readonly string[];
  /** By key: where its field ends. It begins after the `{` or the comma behind the one before. */
  ends: readonly number[];
}

/** The canonical text of an object, for others that have fields in common with it. */
export function writeFields(of: object): WrittenFields {
  const ends: number[] = [];
  const keys: string[] = [];
  let json = '';
  for (const key of inOrder(Object.keys(of))) {
    const field = (of as Fields)[key];
    if (field === undefined) continue;
    json += (json === '' ? firstKey(key) : laterKey(key)) + canonicalJson(field);
    keys.push(key);
    ends.push(json.length);
  }
  return { of, text: json === '' ? '{}' : `${json}}`, keys, ends };
}

/** The canonical text of an object. What it has in common with another one is copied, neighbouring fields at once. */
export function rewriteFields(of: object, known: WrittenFields): string {
  let json = '';
  // What is to be copied next; nothing as long as it has no end.
  let [from, to] = [0, 0];
  const copy = () => {
    if (to > 0) json += (json === '' ? '{' : ',') + known.text.slice(from, to);
    to = 0;
  };
  for (const key of inOrder(Object.keys(of))) {
    const field = (of as Fields)[key];
    if (field === undefined) continue;
    const at = (known.of as Fields)[key] === field ? known.keys.indexOf(key) : -1;
    if (at < 0) {
      copy();
      json += (json === '' ? firstKey(key) : laterKey(key)) + canonicalJson(field);
      continue;
    }
    const begin = at === 0 ? 1 : known.ends[at - 1]! + 1;
    if (begin !== to + 1 || to === 0) {
      copy();
      from = begin;
    }
    to = known.ends[at]!;
  }
  copy();
  return json === '' ? '{}' : `${json}}`;
}

/** Without a quotation mark, a backslash, a control character or half of a surrogate pair. */
const UNESCAPED = /^[ !#-[\]-\uD7FF\uE000-\uFFFF]*$/;
const quoted = (text: string): string => (UNESCAPED.test(text) ? `"${text}"` : JSON.stringify(text));
const firstKey = memoize((key) => `{${quoted(key)}:`);
const laterKey = memoize((key) => `,${quoted(key)}:`);

/** Sorts by UTF-16 code units, as RFC 8785 does; in place. Few keys are sorted faster by insertion than by the engine. */
function inOrder(keys: string[]): string[] {
  if (keys.length > 20) return keys.sort();
  for (let end = 1; end < keys.length; end++) {
    const key = keys[end]!;
    let at = end;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
}

/** Through a string: the buffers that `hash` makes itself cost more than the hashing. */
export const sha256 = (data: string | Buffer): Buffer =>
  Buffer.from(hash('sha256', data, 'binary'), 'binary');

export const sha256Hex = (data: string | Buffer): string => hash('sha256', data);

/** The UUIDv5 of a name (RFC 9562, section 5.5). @param namespace the bytes of a UUID */
function v5(name: string, namespace: Buffer): string {
  const bytes = Buffer.allocUnsafe(namespace.length + Buffer.byteLength(name));
  namespace.copy(bytes);
  bytes.write(name, namespace.length);
  const hex = hash('sha1', bytes);
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

// Random, and fixed for ever: ids of recorded statements and places derive from them.
const STATEMENTS = bytesOf('2d1f0c36-5f0e-4d5c-9b0e-6f1f2f8a7c11');
const RETRACTIONS = bytesOf('7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27');
const EVENTS = bytesOf('93c5b1b4-2f4a-4c39-9a5e-5f0d6b7e8c42');
const PLACES = bytesOf('b86e1f5a-7d3c-4b8f-a1c9-2e4d6f8a0b63');

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
export const shardOf = (stream: string, shards: number): number => firstBytesOf(stream) % shards;
const firstBytesOf = memoize((stream) => sha256(stream).readUInt32BE(0));
