import { fold } from './fold.js';
import { memoize } from './text.js';

/**
 * Words for a region of any level, in the languages of sources: the rest of a name distinguishes regions. Written as they
 * appear beside a name; compared folded and without apostrophes.
 */
const WORDS = `
  oblast oblast' oblasti obl voblast voblasts region province provincia provincie governorate gouvernorat gubernia state
  raion rayon rajon district township county department departement departamento prefecture division krai kray republic
  autonomous territory territoire zone voivodeship wojewodztwo
  wilaya wilayat wilayah vilayet muhafazah muhafaza muhafazat mohafazat ostan viloyat velayat marz hromada municipality ili
  область области обл регион край краи район раион р-н республика автономная провинция губерния округ воблась вобласць раён
  область області край регіон район республіка автономна провінція губернія громада територіальна
  محافظة ولاية ولایت إقليم اقليم منطقة قضاء ناحية مديرية استان شهرستان
  מחוז נפה נפת
  მხარე მუნიციპალიტეტი մարզ մարզի
  राज्य प्रदेश जिला ज़िला जनपद জেলা বিভাগ রাজ্য மாவட்டம் மாநிலம்
  ክልል ዞን ወረዳ
  จังหวัด อำเภอ ខេត្ត ស្រុក
`;
/** Such words in scripts that put no space before them. */
const ENDINGS = ['ပြည်နယ်', 'တိုင်းဒေသကြီး', 'ခရိုင်', 'မြို့နယ်', '省', '県', '县', '縣'].map((ending) => fold(ending));
/** Words that join such a word to a name. Articles that names begin with (al, la) are not among them. */
const JOINTS = new Set(['the', 'of', 'de', 'du']);

const bare = (word: string): string => word.replace(/[.,']/g, '');
const WORDS_FOLDED = new Set(
  WORDS.trim()
    .split(/\s+/)
    .map((word) => bare(fold(word))),
);

/**
 * The form in which names of regions are compared (docs/domain.md, "Names, folded"): folded, and without words for oblast,
 * region, governorate and the like. A name of such words alone is kept whole.
 */
export const foldRegion = memoize((name: string): string => {
  const folded = fold(name);
  const words = folded
    .split(' ')
    .map(bare)
    .filter((word) => word !== '');
  const left = words.filter((word) => !WORDS_FOLDED.has(word));
  const names = left.length < words.length ? left.slice(left.findIndex((word) => !JOINTS.has(word))) : left;
  const joined = withoutEnding(names.join(' '));
  return joined === '' ? folded : joined;
});

/** Whether a text has a word for a region. */
export const saysRegion = (text: string): boolean => foldRegion(text) !== fold(text);

function withoutEnding(text: string): string {
  const ending = ENDINGS.find((one) => text.endsWith(one) && text.length > one.length);
  return ending === undefined ? text : text.slice(0, -ending.length).trim();
}
