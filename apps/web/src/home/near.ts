/** Letters of Ukrainian and Russian in Latin. What transliterations disagree about is made alike below. */
// prettier-ignore
const LATIN: Readonly<Record<string, string>> = {
  а: 'a', б: 'b', в: 'v', г: 'h', ґ: 'h', д: 'd', е: 'e', ё: 'e', є: 'e', э: 'e', ж: 'zh', з: 'z', и: 'i', і: 'i',
  ї: 'i', й: 'i', ы: 'i', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f',
  х: 'h', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch', ь: '', ъ: '', ю: 'iu', я: 'ia',
};

/** A name without what its many spellings differ in: script, case, accents, apostrophes, y for i. */
export function folded(name: string): string {
  return [...name.toLowerCase().normalize('NFC')]
    .map((letter) => LATIN[letter] ?? letter)
    .join('')
    .normalize('NFD')
    .replaceAll(/[^\p{Ll}\p{Lo}\p{N} -]/gu, '')
    .replaceAll(/[yj]/g, 'i')
    .replaceAll('g', 'h')
    .replaceAll('kh', 'h')
    .replaceAll('w', 'v')
    .replaceAll(/c(?!h)/g, 'k')
    .replaceAll(/(.)\1+/gu, '$1')
    .trim();
}

/** How many letters have to be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length]!;
}

const LETTERS_A_FAULT = 4;

/** The names that are written much like a text, nearest first: the whole of one, a word of it, or its beginning. */
export function nearest<T extends { name: string }>(text: string, places: readonly T[], most: number): T[] {
  const asked = folded(text);
  const allowed = Math.floor(asked.length / LETTERS_A_FAULT);
  if (asked.length < 3) return [];
  return places
    .map((place) => {
      const name = folded(place.name);
      const parts = [name, name.slice(0, asked.length), ...name.split(/[ -]/)];
      return { place, faults: Math.min(...parts.map((part) => distance(asked, part))) };
    })
    .filter(({ faults }) => faults <= allowed)
    .toSorted((a, b) => a.faults - b.faults || (a.place.name < b.place.name ? -1 : 1))
    .slice(0, most)
    .map(({ place }) => place);
}
