import { z } from 'zod';
import { canonicalJson } from '#libs/domain';

export type Schema = Record<string, unknown>;

export interface Options {
  /** For answers: readers ignore fields that are new to them. */
  open: boolean;
  /** Parts that have a title become components of that name; objects get the suffix. */
  components: Record<string, Schema>;
  prefix: string;
  suffix: string;
}

/**
 * A JSON Schema in the subset that client generators support:
 * - a nullable value has `null` among its types; only a reference or null stays a choice
 * - a tuple is an array of fixed length
 * - a constant is an enum of one
 * - a format replaces its pattern
 * - a default is part of the description, because some generators treat a field with a default as required
 * - each number has a format; limits of every JSON number are left out
 */
export function portable(schema: Schema, options: Options): Schema {
  // The target of a reference describes it.
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

/** The content of a schema without descriptions, in a fixed order. */
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
  // A type beside the choice makes the choice.
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

/** Additions to zod's output: the field that discriminates a choice, and examples of values parsed from text. */
export function describeFormats({
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

/** Keeps the shortest name of components with equal content: Claim, not RecordedClaim. */
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
  // Components that referred to different ones may be equal now.
  return withoutDoubles(
    JSON.parse(JSON.stringify(kept).replaceAll(/"#[^"]+"/g, (ref) => others.get(ref) ?? ref)) as Record<
      string,
      Schema
    >,
    prefix,
  );
}

/** Inlines enums that share a value with an earlier one: Go has one name for each value of a named enum. */
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

/** Maps, for each choice by a field, the values of the field to components. */
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
