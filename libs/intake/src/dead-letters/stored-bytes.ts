import { isUtf8 } from 'node:buffer';
import { valuesOf, type Headers, type HeaderValue } from '#libs/messaging';
import type { StoredBytes, StoredHeaders } from './dead-letter-rows.js';

/** Bytes as JSON, with nothing lost. */
export function stored(bytes: HeaderValue): StoredBytes {
  if (bytes === null || typeof bytes === 'string') return bytes;
  return isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') };
}

export const storedHeaders = (headers: Headers | undefined): StoredHeaders =>
  Object.fromEntries(
    valuesOf(headers).map(([name, values]) => [
      name,
      values.length === 1 ? stored(values[0]!) : values.map(stored),
    ]),
  );

/** The headers again. */
export const headersFrom = (headers: StoredHeaders): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, given]) => [
      name,
      Array.isArray(given) ? given.map(unstored) : unstored(given),
    ]),
  );

const unstored = (bytes: StoredBytes): HeaderValue =>
  typeof bytes === 'object' && bytes !== null ? Buffer.from(bytes.base64, 'base64') : bytes;
