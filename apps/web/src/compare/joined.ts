import type { Status } from '../api/answers.js';
import type { Row } from '../home/rows.js';

/** A place that differs between two moments; null where it was not known. */
export interface Difference {
  id: string;
  name: string;
  a: Row | null;
  b: Row | null;
}

/** Places that differ in the same way. `from` and `to` are null where they were not known; equal where only the holders differ. */
export interface Kind {
  from: Status | null;
  to: Status | null;
  places: Difference[];
}

const holdersOf = ({ claims }: Row): string =>
  claims
    .map(({ holder, claiming, denying, conceding }) => JSON.stringify([holder, claiming, denying, conceding]))
    .toSorted()
    .join();

/** The places whose status, or who claims, denies and concedes them, differs between two maps; by kind, most first. */
export function kindsOf(a: readonly Row[], b: readonly Row[]): Kind[] {
  const before = new Map(a.map((row) => [row.id, row]));
  const pairs: [Row | null, Row | null][] = b.map((row) => {
    const old = before.get(row.id) ?? null;
    before.delete(row.id);
    return [old, row];
  });
  for (const row of before.values()) pairs.push([row, null]);
  const kinds = new Map<string, Kind>();
  for (const [old, row] of pairs) {
    const [from, to] = [old?.status ?? null, row?.status ?? null];
    if (from === to && holdersOf(old!) === holdersOf(row!)) continue;
    const { id, name } = (row ?? old)!;
    const key = `${from} ${to}`;
    const kind = kinds.get(key) ?? { from, to, places: [] };
    kinds.set(key, kind);
    kind.places.push({ id, name, a: old, b: row });
  }
  for (const { places } of kinds.values()) places.sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...kinds.values()].sort(
    (one, other) => other.places.length - one.places.length || (`${one.from}` < `${other.from}` ? -1 : 1),
  );
}
