/** Up to this length insertion is faster than the engine's sort, which copies the list and calls back through it. */
const SHORT = 16;

/** Sorts a list in place, stably: most lists of a place have few items. */
export function sortShort<T>(list: T[], compare: (a: T, b: T) => number): T[] {
  if (list.length > SHORT) return list.sort(compare);
  for (let next = 1; next < list.length; next++) {
    const item = list[next]!;
    let at = next;
    for (; at > 0 && compare(list[at - 1]!, item) > 0; at--) list[at] = list[at - 1]!;
    list[at] = item;
  }
  return list;
}
