import { printable } from '#libs/domain';
import { headerOf, type Headers } from '#libs/messaging';

/** Headers in which serializers of schema registries name the schema of the value (Confluent's, Apicurio's, others'). */
const SCHEMA_HEADER =
  /^(?:__value_schema_id|(?:apicurio\.)?value\.(?:globalId|contentId|schema[.-]?id)|schema[._-]?id)$/i;

/** Advice for the sender of a value that a schema registry's serializer wrote instead of JSON; undefined for any other value. */
export function schemaRegistryNote(value: Buffer, headers: Headers | undefined): string | undefined {
  const header = Object.keys(headers ?? {}).find((name) => SCHEMA_HEADER.test(name));
  const found =
    prefixOf(value) ??
    (header === undefined
      ? undefined
      : `the header ${printable(header, 50)} names schema id ${headerId(headers, header)}`);
  return (
    found &&
    `the value is not plain JSON, but what a schema registry's serializer writes: ${found}. ` +
      'Let the producer write plain JSON, by a string serializer or one for JSON without a registry'
  );
}

/** The prefix of a known serializer, in words: JSON cannot begin with any of them. */
function prefixOf(value: Buffer): string | undefined {
  if (value.length >= 5 && value[0] === 0) {
    // JSON in UTF-16 also begins with a zero byte.
    if (value[2] === 0 && '{["'.includes(String.fromCharCode(value[1]!))) return undefined;
    const id = value.readUInt32BE(1);
    // No schema has the id 0: it is the first half of a long one (Apicurio's).
    if (id !== 0) return `it begins with a zero byte and schema id ${id}`;
    if (value.length >= 9) return `it begins with a zero byte and schema id ${value.readBigUInt64BE(1)}`;
  }
  // AWS Glue: a version, a compression, the schema version.
  if (value.length >= 18 && value[0] === 3 && (value[1] === 0 || value[1] === 5))
    return `it begins with the bytes 3, ${value[1]} and schema version ${uuidOf(value.subarray(2, 18))}`;
  return undefined;
}

function headerId(headers: Headers | undefined, name: string): string {
  const given = headers?.[name];
  const bytes = Array.isArray(given) ? given[0] : given;
  if (!Buffer.isBuffer(bytes)) return printable(headerOf(headers, name) ?? '', 50);
  const text = bytes.toString('latin1');
  if (/^[\x21-\x7e]*$/.test(text)) return printable(text, 50);
  // Bare, or after a byte for its kind.
  if (bytes.length === 16 || bytes.length === 17) return uuidOf(bytes.subarray(-16));
  if (bytes.length === 4 || bytes.length === 5) return String(bytes.readUInt32BE(bytes.length - 4));
  if (bytes.length === 8) return String(bytes.readBigUInt64BE());
  return `0x${bytes.subarray(0, 20).toString('hex')}`;
}

const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
