/** The conditions and parameters of a query that is built from a filter. */
export class Conditions {
  private readonly conditions: string[] = [];

  /** @param values those of the query that it is a part of */
  constructor(readonly values: unknown[] = []) {}

  /** The placeholder of a value. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** Adds a condition; its placeholders come from `value`. */
  and(condition: string): this {
    this.conditions.push(condition);
    return this;
  }

  /** Adds a condition where a value is given. */
  given<T>(value: T | undefined | null, condition: (placeholder: string) => string): this {
    return value === undefined || value === null ? this : this.and(condition(this.value(value)));
  }

  toString(): string {
    return this.conditions.length === 0 ? 'true' : this.conditions.join(' and ');
  }
}
