import { z } from 'zod';
import { canonicalJson } from '#libs/domain';

export type Schema = Record<string, unknown>;

export interface Options {
  /** Of what goes out: readers pass over fields that are new to them. */
  open: boolean;
  /** Parts that have a title become components of that name: those that are objects with the suffix. */
  components: Record<string, Schema>;
  prefix: string;
  suffix: string;
}

/**
 * A JSON Schema in the words that generators of clients can do with:
 * - what may be null has `null` among its types; only a reference or null stays a choice
 * - a tuple is an array of so many numbers
 * - a constant is an enum of one
 * - a format says more than its pattern
 * - what is filled in where it is left out is said in words: some take a field with a default for one that must be given
 * - each number has a format, and what every number in JSON keeps to is not said
 */
export function portable(schema: Schema, options: Options): Schema {
  // What describes a reference is said by what it refers to.
  if (typeof schema.$ref === 'string')
    return { $ref: schema.$ref.replace(/^.*__shared#\/\$defs\//, options.prefix) };
  const {
    $schema: _dialect,
    $id: _id,
    id: _name,
    title: _title,
    propertyNames: _text,
    ...said
  } = options.open ? schema : withoutDefault(schema);
  const one: Schema = Object.fromEntries(
    Object.entries(said).map(([word, value]) => [word, inside(word, value, options)]),
  );
  if (options.open && one.additionalProperties === false) delete one.additionalProperties;
  if ('const' in one) return { ...without(one, 'const'), enum: [one.const] };
  if (Array.isArray(one.prefixItems)) return tuple(one);
  if (one.type === 'integer') return integer(one);
  if (one.type === 'number') return { format: 'double', ...one };
  if (typeof one.format === 'string' && 'pattern' in one) return without(one, 'pattern');
  if (Array.isArray(one.anyOf)) return choice(one);
  return one;
}

const SCHEMAS = ['items', 'additionalProperties'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];

function inside(word: string, value: unknown, options: Options): unknown {
  if (LISTS.includes(word)) return (value as Schema[]).map((part) => named(part, options));
  if (typeof value !== 'object' || value === null) return value;
  if (SCHEMAS.includes(word)) return named(value as Schema, options);
  if (word === 'properties')
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, named(part as Schema, options)]),
    );
  return value;
}

/** A part of a schema; by reference, where it has a title. */
export function named(schema: Schema, options: Options): Schema {
  const one = portable(schema, options);
  const { title } = schema;
  if (typeof title !== 'string' || '$ref' in one) return one;
  const isObject = one.type === 'object';
  if (!isObject && !Array.isArray(one.enum)) return one;
  const { components, prefix, suffix } = options;
  const name = isObject ? `${title}${suffix}` : title;
  // A value has its description and its default where it is used.
  const { default: _default, description, examples: _examples, ...rest } = one;
  const component = isObject ? one : rest;
  components[name] ??= component;
  if (contentOf(components[name]) !== contentOf(component)) return one;
  return {
    $ref: `${prefix}${name}`,
    ...(!isObject && {
      ...(description !== undefined && { description }),
      ...('default' in one && { default: one.default }),
    }),
  };
}

/** What a schema says, but for how it is described, whatever the order. */
const contentOf = ({ description: _description, examples: _examples, ...rest }: Schema): string =>
  canonicalJson(rest);

const withoutDefault = ({ default: filled, ...schema }: Schema): Schema =>
  filled === undefined
    ? schema
    : { ...schema, description: `${schema.description as string}. By default ${JSON.stringify(filled)}` };

const without = (schema: Schema, word: string): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== word));

function tuple({ prefixItems, items: _none, ...rest }: Schema): Schema {
  const parts = prefixItems as Schema[];
  const widest = (word: 'minimum' | 'maximum', of: (...all: number[]) => number) =>
    of(...parts.map((part) => part[word] as number));
  return {
    ...rest,
    items: {
      type: 'number',
      format: 'double',
      minimum: widest('minimum', Math.min),
      maximum: widest('maximum', Math.max),
    },
    minItems: parts.length,
    maxItems: parts.length,
  };
}

function integer({ minimum, maximum, ...rest }: Schema): Schema {
  const isSaid = (bound: unknown) =>
    bound !== undefined && Math.abs(bound as number) !== Number.MAX_SAFE_INTEGER;
  return { ...rest, ...(isSaid(minimum) && { minimum }), ...(isSaid(maximum) && { maximum }) };
}

function choice({ anyOf, ...rest }: Schema): Schema {
  // A type that is said beside the choice makes it.
  if (rest.type !== undefined) return rest;
  const [first, ...others] = (anyOf as Schema[]).filter(({ type }) => type !== 'null');
  if (others.length > 0 || typeof first!.type !== 'string') return { anyOf, ...rest };
  return {
    ...first,
    ...rest,
    type: [first!.type, 'null'],
    ...(Array.isArray(first!.enum) && { enum: [...(first!.enum as unknown[]), null] }),
  };
}

/** What zod leaves out: the field by which a choice is made, and examples of what comes in as text and is read. */
export function sayMore({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = zodSchema._zod;
  if (def.type === 'union' && 'discriminator' in def)
    jsonSchema.discriminator = { propertyName: def.discriminator };
  const { examples } = z.globalRegistry.get(zodSchema) ?? {};
  if (examples && !jsonSchema.$ref) jsonSchema.examples ??= examples as [];
}

/** Leaves of components that say the same the one with the shortest name: Claim, not RecordedClaim. */
export function withoutDoubles(components: Record<string, Schema>, prefix: string): Record<string, Schema> {
  const first = new Map<string, string>();
  const others = new Map<string, string>();
  for (const [name, schema] of Object.entries(components).toSorted(([a], [b]) => a.length - b.length)) {
    const content = contentOf(schema);
    if (first.has(content)) others.set(`"${prefix}${name}"`, `"${prefix}${first.get(content)}"`);
    else first.set(content, name);
  }
  if (others.size === 0) return components;
  const names = new Set(first.values());
  const kept = Object.fromEntries(Object.entries(components).filter(([name]) => names.has(name)));
  // Those that named different ones may say the same now.
  return withoutDoubles(
    JSON.parse(JSON.stringify(kept).replaceAll(/"#[^"]+"/g, (ref) => others.get(ref) ?? ref)) as Record<
      string,
      Schema
    >,
    prefix,
  );
}

/** Writes enums that share a value with one before them where they are used: Go has one name for each value of a named one. */
export function withoutClashes(components: Record<string, Schema>): Record<string, Schema> {
  const taken = new Set<string>();
  const clashing = new Map<string, Schema>();
  for (const [name, schema] of Object.entries(components)) {
    if (!Array.isArray(schema.enum)) continue;
    const values = schema.enum.map((value) => String(value).toUpperCase());
    if (values.some((value) => taken.has(value))) clashing.set(name, schema);
    else for (const value of values) taken.add(value);
  }
  const inlined = (_name: string, part: unknown): unknown => {
    const { $ref, ...beside } = (part ?? {}) as Schema;
    const clash = typeof $ref === 'string' ? clashing.get($ref.split('/').at(-1)!) : undefined;
    return clash ? { ...clash, ...beside } : part;
  };
  const kept = Object.fromEntries(Object.entries(components).filter(([name]) => !clashing.has(name)));
  return JSON.parse(JSON.stringify(kept, inlined)) as Record<string, Schema>;
}

/** Says of each choice by a field which value of the field names which component. */
export function withMappings(components: Record<string, Schema>): void {
  const of = ({ $ref }: Schema) => components[($ref as string).split('/').at(-1)!]!;
  for (const schema of Object.values(components)) {
    const { discriminator, oneOf } = schema as { discriminator?: { propertyName: string }; oneOf?: Schema[] };
    if (!discriminator || !oneOf) continue;
    const field = (one: Schema) =>
      (of(one).properties as Record<string, Schema>)[discriminator.propertyName]!;
    const values = (one: Schema) => ('$ref' in one ? of(one) : one).enum as string[];
    schema.discriminator = {
      ...discriminator,
      mapping: Object.fromEntries(
        oneOf.flatMap((one) => values(field(one)).map((value) => [value, one.$ref])),
      ),
    };
  }
}
