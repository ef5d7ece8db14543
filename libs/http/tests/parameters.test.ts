import { expect, it } from '@jest/globals';
import { parameters, parseQuery } from '../src/parameters.js';

/** As Fastify parses an empty query: an object without a prototype. */
const NONE = Object.create(null) as object;

it.each(Object.entries(parameters))(
  '%s: a query without parameters is parsed as by the schema, each time',
  (_, schema) => {
    const { success, data } = schema.safeParse(NONE);
    for (let time = 0; time < 3; time++)
      if (success) expect(parseQuery(schema, NONE)).toEqual(data);
      else expect(() => parseQuery(schema, NONE)).toThrow(expect.objectContaining({ code: 'query-invalid' }));
  },
);

it('does not take one query for another', () => {
  expect(parseQuery(parameters.location, {})).toEqual({});
  expect(parseQuery(parameters.location, { wait: '5' })).toEqual({ wait: 5 });
  expect(parseQuery(parameters.replays, {})).toEqual({ limit: 50 });
  expect(() => parseQuery(parameters.location, { limit: '5' })).toThrow('limit unknown parameter');
});
