/** What so many callers reach who take the batches one after the other. @returns events a second */
export async function concurrently<T>(
  callers: number,
  batches: readonly (readonly T[])[],
  call: (batch: readonly T[]) => Promise<unknown>,
): Promise<number> {
  const left = batches.values();
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const batch of left) await call(batch);
    }),
  );
  return (batches.reduce((sum, { length }) => sum + length, 0) * 1000) / (performance.now() - begin);
}

/** The number of callers that is fastest, with what each reached. */
export async function best(
  numbers: readonly number[],
  rateOf: (callers: number) => Promise<number>,
): Promise<{ callers: number; tried: string }> {
  const tried: { callers: number; rate: number }[] = [];
  for (const callers of numbers) tried.push({ callers, rate: await rateOf(callers) });
  return {
    callers: tried.toSorted((a, b) => b.rate - a.rate)[0]!.callers,
    tried: tried.map(({ callers, rate }) => `${callers}: ${Math.round(rate)}`).join(', '),
  };
}

/** Runs all in turns, each round beginning with the next one, so that what disturbs the machine for a while disturbs all. */
export async function inTurns<Name extends string>(
  runs: number,
  contestants: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const rates = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let run = 0; run < runs; run++)
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(run + turn) % names.length]!;
      rates[name].push(await contestants[name]());
    }
  return rates;
}

export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
