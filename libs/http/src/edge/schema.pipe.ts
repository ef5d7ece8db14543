import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { parseBody, type RefusalCode } from '#libs/domain';
import { locationIdOf, parseQuery, uuidOf } from '../parameters.js';
import { valueOf } from './refusals.js';

/**
 * Parses a parameter of a controller's method: the method gets the output of the schema, or is not called. Nest checks the
 * parameters of a method from the last to the first, and answers with the first problem. It awaits each pipe, which costs
 * about 1 µs.
 */
class SchemaPipe<T> implements PipeTransform<unknown, T> {
  /** @param transform throws the Problem that is the answer */
  constructor(readonly transform: (given: never) => T) {}
}

/**
 * A query by its schema; with a code a body.
 * @throws Problem 422 that names every wrong field: `query-invalid`, or the code
 */
export const by = <T extends z.ZodType>(schema: T, code?: RefusalCode): SchemaPipe<z.output<T>> =>
  new SchemaPipe((given: unknown) =>
    code === undefined ? parseQuery(schema, given) : (valueOf(parseBody(schema, given, code)) as z.output<T>),
  );

/** The id of a place, in a path. @throws Problem 404 `location-not-found` */
export const locationId = new SchemaPipe(locationIdOf);

/** A UUID in a path. @throws Problem 404 with the code */
export const uuidOr = (code: Parameters<typeof uuidOf>[1]): SchemaPipe<string> =>
  new SchemaPipe((given: string) => uuidOf(given, code));
