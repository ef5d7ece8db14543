import type { z } from 'zod';

type Key<T> = T extends unknown ? keyof T : never;
type At<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;
/** The fields, by their paths, that one type has and another lacks, at any depth. */
type Lacking<T, U, P extends string = ''> = T extends string | number | boolean | null | undefined
  ? never
  : T extends readonly (infer A)[]
    ? Lacking<A, U extends readonly (infer B)[] ? B : never, `${P}[]`>
    : {
        [K in keyof T & string]-?: K extends Key<U>
          ? Lacking<NonNullable<T[K]>, NonNullable<At<U, K>>, `${P}.${K}`>
          : `${P}.${K}`;
      }[keyof T & string];

/** What is answered fits its schema, and neither has a field that the other lacks: else this does not compile. */
export const holds =
  <T>() =>
  <S extends z.ZodType>(
    _schema: T extends z.output<S>
      ? [Lacking<T, z.output<S>> | Lacking<z.output<S>, T>] extends [never]
        ? S
        : Lacking<T, z.output<S>> | Lacking<z.output<S>, T>
      : T,
  ) => {};
