import { fold } from './fold.js';
import { remembered } from './text.js';

/**
 * Words for a region of some level, in the languages of sources: what remains without them tells regions apart. Written as
 * they stand beside a name; compared folded and without apostrophes.
 */
const WORDS = `
  oblast oblast' oblasti voblast voblasts region province provincia provincie governorate gubernia state raion rayon rajon
  district county department departement prefecture division krai kray republic autonomous territory voivodeship wojewodztwo
  wilaya wilayat wilayah vilayet muhafazah muhafaza muhafazat mohafazat ostan viloyat velayat marz hromada municipality
  область области обл регион край краи район раион р-н республика автономная провинция губерния округ воблась вобласць раён
  область області край регіон район республіка автономна провінція губернія громада територіальна
  محافظة ولاية ولایت إقليم اقليم منطقة قضاء ناحية مديرية استان شهرستان
  מחוז נפה נפת
  მხარე მუნიციპალიტეტი մարզ մարզի
  राज्य प्रदेश जिला ज़िला जनपद জেলা বিভাগ রাজ্য மாவட்டம் மாநிலம்
  ክልል ዞን ወረዳ
  จังหวัด อำเภอ ខេត្ត ស្រុក
`;
/** The same in scripts that put no space before them. */
const ENDINGS = ['ပြည်နယ်', 'တိုင်းဒေသကြီး', 'ခရိုင်', 'မြို့နယ်', '州', '省', '県', '县', '縣', '道'].map((ending) => fold(ending));
/** What joins such a word to a name. */
const JOINTS = new Set(['of', 'the', 'de', 'du', 'la', 'al']);

const bare = (word: string): string => word.replace(/[.,']/g, '');
const WORDS_FOLDED = new Set(WORDS.trim().split(/\s+/).map((word) => bare(fold(word))));

/**
 * The form in which names of regions are compared (docs/domain.md, "Names, folded"): folded, and without words for oblast,
 * region, governorate and the like. A name of nothing but such words stays.
 */
export const foldRegion = remembered((name: string): string => {
  const folded = fold(name);
  const words = folded.split(' ').map(bare).filter((word) => word !== '');
  const left = words.filter((word) => !WORDS_FOLDED.has(word));
  const names = left.length < words.length ? withoutJoint(left) : left;
  const joined = withoutEnding(names.join(' '));
  return joined === '' ? folded : joined;
});

const withoutJoint = (words: readonly string[]): readonly string[] => (words.length > 1 && JOINTS.has(words[0]!) ? words.slice(1) : words);

function withoutEnding(text: string): string {
  const ending = ENDINGS.find((one) => text.endsWith(one) && text.length > one.length);
  return ending === undefined ? text : text.slice(0, -ending.length).trim();
}
