import { describe, expect, it } from '@jest/globals';
import { bibtexOf, bookmarkOf, type Citation, cslOf, headsInShort, headsOf } from '../../src/take/cite.js';

const citation: Citation = {
  id: 'gn-703656',
  title: 'Kup’yans’k & 100 %: contested',
  url: 'https://claimline.example/places/gn-703656?asOf=9999-12-31T23:59:59.999Z&knownAt=2026-01-01T00:00:00.000Z&ruleset=a_1',
  storeId: '0b6d',
  rulesetVersion: 'a_1',
  heads: [{ shard: 3, size: 1042, root: '9f86' }],
  accessed: '2026-11-29T22:00:00.000Z',
};

describe('the bookmark of an answer', () => {
  it('is read from the header Link', () => {
    expect(
      bookmarkOf(
        '<?side=a%26b&asOf=2025-11-20T23:59:59.999Z&knownAt=2026-01-01T00:00:00.000Z&ruleset=r%201>; rel="bookmark"',
      ),
    ).toEqual({
      side: 'a&b',
      asOf: '2025-11-20T23:59:59.999Z',
      knownAt: '2026-01-01T00:00:00.000Z',
      ruleset: 'r 1',
    });
  });

  it.each([null, '', '<?a=b>; rel="next"'])('is missing from %j', (link) => {
    expect(bookmarkOf(link)).toBeUndefined();
  });
});

describe('a citation', () => {
  it('names only the trees that the place is in', () => {
    const heads = [0, 3, 10].map((shard) => ({ shard, size: shard, root: `${shard}` }));
    expect(headsOf({ heads }, '3:1042~2,10:7').map(({ shard }) => shard)).toEqual([3, 10]);
  });

  it('of all places names all trees that have events, in short where they are many', () => {
    const heads = [0, 3, 10, 12].map((shard) => ({ shard, size: shard, root: `r${shard}` }));
    expect(headsInShort(headsOf({ heads }))).toBe('3:3,10:10,12:12');
    expect(headsInShort(heads.slice(1, 2))).toBe('shard 3, size 3, root r3');
  });

  it('is BibTeX that TeX can read', () => {
    expect(bibtexOf(citation)).toBe(
      [
        '@misc{claimline-gn-703656-20261129,',
        '  title = {Kup’yans’k \\& 100 \\%: contested},',
        '  author = {{Claimline store 0b6d}},',
        '  year = 2026,',
        '  month = nov,',
        '  note = {Store 0b6d; ruleset a\\_1; checkpoint shard 3, size 1042, root 9f86},',
        `  url = {${citation.url}},`,
        '  urldate = {2026-11-29}',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('is CSL-JSON', () => {
    expect(JSON.parse(cslOf(citation))).toEqual([
      {
        id: 'claimline-gn-703656-20261129',
        type: 'webpage',
        title: citation.title,
        'container-title': 'Claimline',
        publisher: 'Claimline store 0b6d',
        version: 'a_1',
        issued: { 'date-parts': [[2026, 11, 29]] },
        accessed: { 'date-parts': [[2026, 11, 29]] },
        note: 'Store 0b6d; ruleset a_1; checkpoint shard 3, size 1042, root 9f86',
        URL: citation.url,
      },
    ]);
  });
});
