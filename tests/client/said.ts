import type { StatementInput } from '#libs/client';

/** A statement that nobody made; each number is another one. */
export const said = (number: number, change: Partial<StatementInput> = {}): StatementInput => ({
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'russia' },
  location: { name: `Village ${number % 50}`, country: 'UA' },
  speaker: { name: 'A made-up general', party: 'russia' },
  statedAt: '2025-11-20',
  source: { outlet: 'outlet.example', url: `https://outlet.example/${number}` },
  ...change,
});

/** The numbers from 0 to below `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

/** The error that something fails with. @throws where it does not fail, or with another kind of error */
export async function failure<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  work: Promise<unknown>,
): Promise<E> {
  const error: unknown = await work.then(
    (value) => new Error(`it did not fail, but came to ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof kind) return error;
  throw error;
}
