import { valuesOf, type Headers, type HeaderValue } from './headers.js';

/** The headers that are added to a dead letter. */
export const DEAD_LETTER = {
  code: 'error-code',
  detail: 'error-detail',
  topic: 'origin-topic',
  partition: 'origin-partition',
  offset: 'origin-offset',
  /** Only if there are any: the names of its original headers that had no value, as a JSON array. */
  nulls: 'null-headers',
} as const;

export type DeadLetterFields = Record<Exclude<keyof typeof DEAD_LETTER, 'nulls'>, string>;

const OURS: readonly string[] = Object.values(DEAD_LETTER);
const ORIGINAL = 'original-';
/** Original headers with a name of ours, whether or not they are renamed already (a dead letter that was sent again). */
const NAMED_AS_OURS = new RegExp(`^(?:${ORIGINAL})*(?:${OURS.join('|')})$`);

/** The headers of a dead letter: the original ones, renamed where their name is one of ours, and ours. */
export function deadLetterHeaders(
  headers: Headers | undefined,
  fields: DeadLetterFields,
): Record<string, Buffer | string | (Buffer | string)[]> {
  const own = valuesOf(headers);
  const nulls = own.filter(([, values]) => values.includes(null)).map(([name]) => name);
  return {
    // kafkajs cannot send a header without a value.
    ...Object.fromEntries(
      own.map(([name, values]) => [
        NAMED_AS_OURS.test(name) ? ORIGINAL + name : name,
        oneOrAll(values.map((value) => value ?? '')),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [DEAD_LETTER[field as keyof DeadLetterFields], value]),
    ),
    ...(nulls.length > 0 && { [DEAD_LETTER.nulls]: JSON.stringify(nulls) }),
  };
}

/** The original headers of a dead letter. */
export function ownHeaders(headers: Headers): Headers {
  const nulls = namesOf(headers[DEAD_LETTER.nulls]);
  return Object.fromEntries(
    valuesOf(headers)
      .filter(([name]) => !OURS.includes(name))
      .map(([name, values]): [string, HeaderValue[]] => [
        NAMED_AS_OURS.test(name) ? name.slice(ORIGINAL.length) : name,
        values,
      ])
      .map(([name, values]) => [
        name,
        oneOrAll(nulls.includes(name) ? values.map((value) => (value?.length === 0 ? null : value)) : values),
      ]),
  );
}

const oneOrAll = <T>(values: T[]): T | T[] => (values.length === 1 ? values[0]! : values);

function namesOf(header: Headers[string]): unknown[] {
  try {
    const names: unknown = JSON.parse(String(header));
    return Array.isArray(names) ? names : [];
  } catch {
    return [];
  }
}
