import type { Instant } from '#libs/domain';

/** Values that occur often, each once; a column holds their numbers. */
export class Dictionary<T> {
  readonly values: T[] = [];
  private readonly numbers = new Map<string, number>();

  /** The number of a value. @param make called where its key is new */
  numberOf(key: string, make: () => T): number {
    let number = this.numbers.get(key);
    if (number === undefined) {
      // What it is made of may be numbered in the same dictionary.
      const value = make();
      number = this.values.push(value) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}

/** A dictionary of texts. */
export class Words extends Dictionary<string> {
  readonly of = (word: string): number => this.numberOf(word, () => word);
  readonly all = (words: readonly string[]): number[] => words.map(this.of);
}

/** A number n in a column of times stands for `base` and n times `unit` milliseconds. */
export interface TimeScale {
  base: Instant;
  unit: number;
}

const SECOND_MS = 1000;

/** Times as the smallest whole numbers from which they are exact again. @param columns in milliseconds since 1970 */
export function scaled<N extends string>(
  columns: Record<N, readonly (number | null)[]>,
): { time: TimeScale; columns: Record<N, (number | null)[]> } {
  const all = Object.values<readonly (number | null)[]>(columns);
  let base = Infinity;
  for (const column of all) for (const at of column) if (at !== null && at < base) base = at;
  let unit = 0;
  for (const column of all)
    for (const at of column) if (at !== null && unit !== 1) unit = greatestDivisor(unit, at - base);
  if (base === Infinity) base = 0;
  if (unit === 0) unit = SECOND_MS;
  const scale = (column: readonly (number | null)[]) =>
    column.map((at) => (at === null ? null : (at - base) / unit));
  return {
    time: { base: new Date(base).toISOString(), unit },
    columns: Object.fromEntries(
      Object.entries<readonly (number | null)[]>(columns).map(([name, column]) => [name, scale(column)]),
    ) as Record<N, (number | null)[]>,
  };
}

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** SQL for a time in milliseconds since 1970. */
export const millisecondsOf = (time: string): string => `round(extract(epoch from ${time}) * 1000)::float8`;

/** Four decimals of a degree, about ten metres: of a place, not of a house. */
export const rounded = (degrees: number): number => Math.round(degrees * 1e4) / 1e4;
