import { only, type Query } from '../address/query.js';

/** The filters of statements, by the API's names. */
export const FILTERS = ['speaker', 'party', 'outlet', 'url', 'predicate', 'stance', 'from', 'to'] as const;

/** The question of an address, at its moment. */
export const questionOf = (query: Query): Query => only(query, [...FILTERS, 'asOf', 'knownAt']);
