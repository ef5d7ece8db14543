declare const ANSWER: unique symbol;

/** A question to the read models; `R` is its answer. Its handler is in the same file. */
export abstract class Query<R> {
  /** The type alone: no value is ever there. */
  declare readonly [ANSWER]: R;
}

/** Answers the queries of one class. */
export interface QueryHandler<Q extends Query<unknown>> {
  execute(query: Q): Promise<Q extends Query<infer R> ? R : never>;
}

/** Answers every query: Nest's QueryBus, or `createQueries` where Nest is not loaded. */
export interface QueryExecutor {
  execute<R>(query: Query<R>): Promise<R>;
}

/** The token of the QueryExecutor for Nest. */
export const QUERIES = Symbol('queries');
