import type { Query, QueryChange } from '../address/query.js';
import type { Checkpoint } from '../api/place-answers.js';

/** A question to the API. */
export interface Question {
  path: string;
  query: QueryChange;
}

/** What is cited: how it is called, and what fixes it. */
export interface Cited {
  /** For the names of files, and the key of an entry. */
  id: string;
  title: string;
  /** The questions whose bookmarks fix it: one for each moment that is shown. */
  questions: readonly Question[];
  address: (fixed: readonly Query[]) => string;
}

/** What a citation names: everything that makes the same answer again, and proves it. */
export interface Citation {
  id: string;
  title: string;
  /** The permanent address: asOf, knownAt and ruleset are fixed in it. */
  url: string;
  storeId: string;
  rulesetVersion: string;
  /** The trees that its events are in: shard, size and root of each. */
  heads: Checkpoint['heads'];
  /** When it was looked at, to the millisecond. */
  accessed: string;
}

/** The query of a bookmark: the header `Link: <?asOf=...&knownAt=...&ruleset=...>; rel="bookmark"`. */
export function bookmarkOf(link: string | null): Readonly<Record<string, string>> | undefined {
  const target = /<\?([^>]*)>\s*;\s*rel="bookmark"/.exec(link ?? '')?.[1];
  return target === undefined ? undefined : Object.fromEntries(new URLSearchParams(target));
}

/**
 * The heads of the trees that hold what is cited.
 * @param token of a state, which names the shards whose events touched the place; undefined: all that have events
 */
export function headsOf({ heads }: Pick<Checkpoint, 'heads'>, token?: string): Checkpoint['heads'] {
  if (token === undefined) return heads.filter(({ size }) => size > 0);
  const shards = new Set(token.split(',').map((one) => Number(one.split(':')[0])));
  return heads.filter(({ shard }) => shards.has(shard));
}

/** "shard 3, size 1042, root 9f86..." */
export const headsText = (heads: Checkpoint['heads']): string =>
  heads.map(({ shard, size, root }) => `shard ${shard}, size ${size}, root ${root}`).join('; ');

/** As much of it as a sentence takes: of many trees the sizes, by which their roots are found again. */
export const headsInShort = (heads: Checkpoint['heads']): string =>
  heads.length <= 2 ? headsText(heads) : heads.map(({ shard, size }) => `${shard}:${size}`).join(',');

const noteOf = ({ storeId, rulesetVersion, heads }: Citation): string =>
  `Store ${storeId}; ruleset ${rulesetVersion}; checkpoint ${headsText(heads)}`;

const keyOf = ({ id, accessed }: Citation): string =>
  `claimline-${id.replaceAll(/[^A-Za-z0-9-]/g, '-')}-${accessed.slice(0, 10).replaceAll('-', '')}`;

/** An entry for BibTeX and BibLaTeX. */
export function bibtexOf(citation: Citation): string {
  const { title, url, accessed, storeId } = citation;
  const fields = {
    title: `{${escaped(title)}}`,
    author: `{{Claimline store ${storeId}}}`,
    year: accessed.slice(0, 4),
    month: MONTHS[Number(accessed.slice(5, 7)) - 1]!,
    note: `{${escaped(noteOf(citation))}}`,
    url: `{${url}}`,
    urldate: `{${accessed.slice(0, 10)}}`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = ${value}`);
  return `@misc{${keyOf(citation)},\n${lines.join(',\n')}\n}\n`;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const BRACES: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};
/** Text as TeX shows it. */
const escaped = (text: string): string =>
  text.replaceAll(/[\\~^{}%$#&_]/g, (sign) => BRACES[sign] ?? `\\${sign}`);

/** CSL-JSON, as Zotero and Pandoc read it. */
export function cslOf(citation: Citation): string {
  const { title, url, accessed, storeId, rulesetVersion } = citation;
  const parts = accessed.slice(0, 10).split('-').map(Number);
  const item = {
    id: keyOf(citation),
    type: 'webpage',
    title,
    'container-title': 'Claimline',
    publisher: `Claimline store ${storeId}`,
    version: rulesetVersion,
    issued: { 'date-parts': [parts] },
    accessed: { 'date-parts': [parts] },
    note: noteOf(citation),
    URL: url,
  };
  return `${JSON.stringify([item], null, 2)}\n`;
}
