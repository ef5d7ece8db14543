/** A figure of the bench: what we reach, beside the limit that it is measured against in the same run. */
export interface Figure {
  name: string;
  /** What is measured, against what. */
  what: string;
  unit: string;
  /** Five runs of ours, and of the limit, one after the other in turns. */
  ours: number[];
  limit?: number[];
  /** The aim. `of`: the ratio to the limit, or ours itself. A figure without an aim only informs. */
  aim?: { of: 'ratio' | 'ours'; atLeast?: number; atMost?: number };
  /** Whatever else is worth knowing. */
  notes?: Record<string, number | string>;
}

export interface Summary {
  ours: number;
  limit?: number;
  ratio?: number;
  reached?: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** The value below which this share of the values is. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

export function summary({ ours, limit, aim }: Figure): Summary {
  const own = median(ours);
  const top = limit && median(limit);
  const ratio = top === undefined ? undefined : own / top;
  const value = aim?.of === 'ratio' ? ratio : own;
  const reached =
    aim && value !== undefined
      ? value >= (aim.atLeast ?? -Infinity) && value <= (aim.atMost ?? Infinity)
      : undefined;
  return {
    ours: own,
    ...(top !== undefined && { limit: top, ratio }),
    ...(reached !== undefined && { reached }),
  };
}

/** Runs both in turns, the one that begins changing, so that what disturbs the machine for a while disturbs both. */
export async function inTurns(
  runs: number,
  ours: (run: number) => Promise<number>,
  limit: (run: number) => Promise<number>,
): Promise<{ ours: number[]; limit: number[] }> {
  const measured = { ours: [] as number[], limit: [] as number[] };
  for (let run = 0; run < runs; run++) {
    const order = run % 2 === 0 ? (['limit', 'ours'] as const) : (['ours', 'limit'] as const);
    for (const which of order) measured[which].push(await (which === 'ours' ? ours : limit)(run));
  }
  return measured;
}

export function textTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { ours, limit, ratio, reached } = summary(figure);
    const { aim } = figure;
    const wanted = aim ? `${aim.atLeast === undefined ? `<= ${aim.atMost}` : `>= ${aim.atLeast}`}` : '';
    return [
      figure.name,
      `${shown(ours)} ${figure.unit}`,
      limit === undefined ? '' : shown(limit),
      ratio === undefined ? '' : ratio.toFixed(2),
      wanted,
      reached === undefined ? '' : reached ? 'yes' : 'NO',
    ];
  });
  const head = ['figure', 'ours', 'limit', 'ratio', 'aim', 'reached'];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  );
}

export const shown = (value: number): string =>
  value >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);
