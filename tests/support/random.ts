const INCREMENT = 0x6d2b79f5;

/** Random choices that are the same every time for the same seed (mulberry32). */
export class Random {
  private state: number;

  /** Stretch `at` of one sequence: two stretches of a length have no draw in common, as those of two seeds may. */
  static stretch(at: number, length: number): Random {
    return new Random(Math.imul(at * length, INCREMENT));
  }

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.state = (this.state + INCREMENT) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  uuid(): string {
    const hex = Array.from({ length: 4 }, () =>
      Math.floor(this.next() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** Random choices of its own for a part, which do not depend on what others have drawn before. */
  branch(number: number): Random {
    return new Random(Math.imul(this.state ^ 0x9e3779b9, number * 2 + 1) ^ number);
  }
}
