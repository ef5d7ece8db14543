import { setImmediate as turn } from 'node:timers/promises';
import { repeatedName } from './json-names.js';
import { type FieldProblem, Problem } from './problems.js';

const MAX_DEPTH = 32;
/** Values of an item: of the whole body, or of each element where the body is an array. A place with 500 names has 2,700. */
const MAX_VALUES = 5000;
/** Values of a whole body: a thousand statements with every field have 80,000. */
const MAX_VALUES_TOGETHER = 100_000;
/** Bytes of an item, as of a line of NDJSON: JSON.parse reads an item at once. */
const MAX_ITEM_BYTES = 1024 * 1024;
/** Bytes of one text, or of one name of a field: a quote of 10,000 characters, each escaped, has 60,000. */
const MAX_TEXT_BYTES = 128 * 1024;
/** The reading of a longer body is cut into steps, between which other requests are answered. */
const MAX_AT_ONCE_BYTES = 256 * 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** For parts of a text: what would be a byte order mark at the beginning of the whole is none there. */
const UTF8_PART = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON that came in from outside.
 * @throws Problem `body-malformed` (400) where the bytes are not UTF-8, not JSON, nested deeper than 32, or give a name twice in
 * one object; `body-too-large` (413) where an item, or all together, has too many values, or too long a text.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decoded(bytes);
  const scan = limit(bytes);
  let step = scan.next();
  while (!step.done) step = scan.next();
  return parsed(text, step.value);
}

/** Whether the JSON is so long that reading it at once would keep other requests waiting. */
export const isLongJson = (bytes: Uint8Array): boolean => bytes.length > MAX_AT_ONCE_BYTES;

/** As `parseJson`, in steps: of a list some elements at a time. */
export async function parseLongJson(bytes: Uint8Array): Promise<unknown> {
  const cuts: number[] = [];
  const scan = limit(bytes);
  let step: IteratorResult<number, number>;
  while (!(step = scan.next()).done) {
    if (step.value > 0) cuts.push(step.value);
    await turn();
  }
  if (cuts.length === 0) return parsed(decoded(bytes), step.value);
  const all: unknown[] = [];
  let [from, before, names] = [0, 0, 0];
  for (const to of [...cuts, bytes.length]) {
    const text = decoded(bytes.subarray(from, to), UTF8_PART);
    // Each part is a list of its own: the comma between two of them is left out, and there is an element on either side of it.
    const [open, close] = [from === 0 ? '' : '[', to === bytes.length ? '' : ']'];
    const elements = valueOf(`${open}${text}${close}`, before - open.length) as unknown[];
    if (elements.length === 0)
      throw malformed(`is not JSON: a comma without an element at position ${before}`);
    for (const element of elements) all.push(element);
    names += countNames(elements);
    from = to + 1;
    before += text.length + 1;
    await turn();
  }
  if (names !== step.value) throw givenTwice(decoded(bytes));
  return all;
}

const malformed = (what: string, errors?: FieldProblem[]): Problem =>
  new Problem(400, 'body-malformed', `the body ${what}`, errors);
const tooLarge = (what: string): Problem => new Problem(413, 'body-too-large', `the body has ${what}`);

function decoded(bytes: Uint8Array, decoder = UTF8): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed('is not UTF-8');
  }
}

/** @param names how many names the text gives to values: where the value has fewer, one was given twice and has lost its first value */
function parsed(text: string, names: number): unknown {
  const value = valueOf(text);
  if (countNames(value) !== names) throw givenTwice(text);
  return value;
}

/** @param before how much of the whole text precedes this one: faults name positions in the whole */
function valueOf(text: string, before = 0): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const fault = (error as Error).message.replace(/(?<=at position )\d+/, (at) =>
      String(Number(at) + before),
    );
    throw malformed(`is not JSON: ${fault.slice(0, 200)}`);
  }
}

function givenTwice(text: string): Problem {
  const pointer = repeatedName(text)!;
  return malformed(`gives ${pointer.slice(0, 200)} twice`, [{ pointer, detail: 'may be given once' }]);
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let names = 0;
  if (Array.isArray(value)) for (const item of value) names += countNames(item);
  else
    // Of what JSON.parse has made, these are the object's own.
    for (const name in value) {
      const inner = (value as Record<string, unknown>)[name];
      names++;
      if (typeof inner === 'object') names += countNames(inner);
    }
  return names;
}

const [QUOTE, BACKSLASH, COMMA, COLON, LIST] = [0x22, 0x5c, 0x2c, 0x3a, 0x5b];
// Brackets and braces differ in one bit.
const BRACE_BIT = 0x20;
const [OPEN, CLOSE] = [0x7b, 0x7d];

/**
 * Checks the limits before a value is made of the text: commas and opening brackets are counted, strings passed over. Each step
 * checks as much as may be read at once, and yields the position of a comma at which a list may be cut, or 0.
 * @returns how many names are given to values @throws Problem
 */
function* limit(bytes: Uint8Array): Generator<number, number> {
  const isList = bytes.find((byte) => byte > 0x20) === LIST;
  let [depth, ofItem, together, item, names] = [0, 0, 0, 0, 0];
  // Where the string around a byte began; 0 outside: the first byte of a string is never looked at inside it.
  let begin = 0;
  let step = MAX_AT_ONCE_BYTES;
  // The last comma that is not passed on yet, which lies before the next step.
  let cut = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (at >= step) {
      step += MAX_AT_ONCE_BYTES;
      yield cut;
      cut = 0;
      if (at - item > MAX_ITEM_BYTES) throw itemTooLong();
    }
    const byte = bytes[at]!;
    if (begin > 0) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) {
        if (at - begin > MAX_TEXT_BYTES) throw tooLarge(`a text of more than ${MAX_TEXT_BYTES} bytes`);
        begin = 0;
      }
    } else if (byte === QUOTE) begin = at + 1;
    else if (byte === COLON) names++;
    else if ((byte | BRACE_BIT) === OPEN) {
      ofItem++;
      together++;
      if (++depth > MAX_DEPTH) throw malformed(`is nested deeper than ${MAX_DEPTH}`);
    } else if ((byte | BRACE_BIT) === CLOSE) depth--;
    else if (byte === COMMA) {
      together++;
      // The next element of the list is an item of its own.
      if (isList && depth === 1) {
        if (at - item > MAX_ITEM_BYTES) throw itemTooLong();
        ofItem = 0;
        cut = item = at;
      } else ofItem++;
    }
    if (ofItem > MAX_VALUES) throw tooLarge(`more than ${MAX_VALUES} values in one item`);
    if (together > MAX_VALUES_TOGETHER) throw tooLarge(`more than ${MAX_VALUES_TOGETHER} values`);
  }
  if (bytes.length - item > MAX_ITEM_BYTES) throw itemTooLong();
  yield cut;
  return names;
}

const itemTooLong = (): Problem => tooLarge(`more than ${MAX_ITEM_BYTES} bytes in one item`);
