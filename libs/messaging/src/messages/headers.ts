export type HeaderValue = Buffer | string | null;

/** Headers of a message from kafkajs: a value, or several of one name; null where the producer set none. */
export type Headers = Record<string, HeaderValue | HeaderValue[] | undefined>;

/** The text of a header, the first one where there are several; undefined where there is none. */
export function headerOf(headers: Headers | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return (Array.isArray(value) ? value[0] : value)?.toString();
}

/**
 * The values of each name. Where kafkajs itself decodes the message, names like `constructor` include what every object
 * inherits, which is ignored.
 */
export const valuesOf = (headers: Headers | undefined): [name: string, values: HeaderValue[]][] =>
  Object.entries(headers ?? {}).map(([name, given]) => [
    name,
    [given].flat().filter((value) => value === null || typeof value === 'string' || Buffer.isBuffer(value)),
  ]);

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A `traceparent` (W3C Trace Context), or undefined where the text is invalid: it is then ignored, as the standard demands. */
export const traceparentOf = (text: string | undefined): string | undefined =>
  text !== undefined && TRACEPARENT.test(text) ? text : undefined;
