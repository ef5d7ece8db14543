// Lines of Natural Earth that are not agreed upon: the authority of one side, or a state that claims the land, denies that this is
// its border, or where it runs. They are drawn dashed, whoever may be right. Names are those of the packages.

/**
 * @typedef {object} DisputedLine
 * @property {string} id
 * @property {string} reason
 * @property {[string, string][]} [between] Pairs of countries whose common line it is; '*' is any neighbour.
 * @property {[number, number, number, number]} [box] Only the part in it: west, south, east, north.
 * @property {string} [country] Without `between`: the outline, inside this country (ISO 3166 alpha-3), ...
 * @property {string[]} [regions] ... of these regions together. With `between`: that outline is the same line, so it is left out.
 */

/** @type {DisputedLine[]} */
export const DISPUTED = [
  {
    id: 'crimea',
    reason: 'Natural Earth has it as a border of Russia with Ukraine, which Ukraine denies',
    between: [['Russia', 'Ukraine']],
    box: [32, 44, 36.8, 46.6],
    country: 'UKR',
    regions: ['Crimea', 'Sevastopol'],
  },
  {
    id: 'donetsk-luhansk',
    reason: 'Russia denies, since September 2022, that this is its border with Ukraine',
    between: [['Russia', 'Ukraine']],
    box: [38.01, 46.8, 41, 50.2],
  },
  {
    id: 'transnistria',
    reason: 'the authorities in Tiraspol call it a border, Moldova denies that',
    country: 'MDA',
    regions: ['Transnistria', 'Stîngă Nistrului', 'Camenca', 'Rezina (2)', 'Grigoriopol', 'Bender'],
  },
  {
    id: 'abkhazia',
    reason: 'the authorities in Sukhumi call it a border, Georgia denies that',
    country: 'GEO',
    regions: ['Abkhazia'],
  },
  { id: 'kosovo', reason: 'Serbia denies that it is a border', between: [['Kosovo', 'Serbia']] },
  {
    id: 'armenia-azerbaijan',
    reason: 'not delimited, but for a few kilometres',
    between: [['Armenia', 'Azerbaijan']],
  },
  {
    id: 'danube',
    reason: 'Croatia and Serbia draw it in different places',
    between: [['Croatia', 'Serbia']],
  },
  {
    id: 'cyprus',
    reason: 'Cyprus denies that there is a border on the island; the lines of the British bases go with it',
    between: [
      ['N. Cyprus', '*'],
      ['Cyprus U.N. Buffer Zone', '*'],
      ['Akrotiri', '*'],
      ['Dhekelia', '*'],
    ],
  },
  {
    id: 'israel-palestine',
    reason: 'the armistice lines of 1949, which are no agreed border',
    between: [['Israel', 'Palestine']],
  },
  {
    id: 'golan',
    reason: 'Natural Earth has Israel on the Golan Heights, which Syria claims',
    between: [['Israel', 'Syria']],
  },
  {
    id: 'blue-line',
    reason: 'a line of withdrawal, which Lebanon and Israel do not call a border',
    between: [['Israel', 'Lebanon']],
  },
  { id: 'western-sahara', reason: 'Morocco denies that it is a border', between: [['Morocco', 'W. Sahara']] },
  {
    id: 'kashmir',
    reason: 'lines of control between what India, Pakistan and China hold; each claims beyond them',
    between: [['India', 'Pakistan']],
    box: [73, 32.2, 81, 37.5],
  },
  { id: 'siachen', reason: 'India and Pakistan both claim the glacier', between: [['Siachen Glacier', '*']] },
  {
    id: 'karakoram',
    reason: 'India denies that China and Pakistan have a border',
    between: [['China', 'Pakistan']],
  },
  {
    id: 'china-india',
    reason: 'a line of control: Aksai Chin and Arunachal Pradesh are claimed by both',
    between: [['China', 'India']],
  },
  { id: 'china-bhutan', reason: 'not agreed upon', between: [['China', 'Bhutan']] },
  {
    id: 'durand-line',
    reason: 'Afghanistan denies that it is a border',
    between: [['Afghanistan', 'Pakistan']],
  },
  {
    id: 'korea',
    reason: 'an armistice line; each side claims, or claimed, the whole of Korea',
    between: [['North Korea', 'South Korea']],
  },
  {
    id: 'preah-vihear',
    reason: 'Cambodia and Thailand draw it in different places',
    between: [['Cambodia', 'Thailand']],
  },
  { id: 'somaliland', reason: 'Somalia denies that it is a border', between: [['Somalia', 'Somaliland']] },
  {
    id: 'sudan-south-sudan',
    reason: 'Abyei and other stretches are claimed by both',
    between: [['S. Sudan', 'Sudan']],
  },
  {
    id: 'ilemi',
    reason: 'the triangle is claimed by Kenya and South Sudan',
    between: [['Kenya', 'S. Sudan']],
  },
  {
    id: 'halaib',
    reason: 'Egypt and Sudan claim different lines',
    between: [['Egypt', 'Sudan']],
    box: [33, 21, 38, 24],
  },
  {
    id: 'al-fashaga',
    reason: 'Ethiopia and Sudan draw it in different places',
    between: [['Ethiopia', 'Sudan']],
  },
  {
    id: 'eritrea-ethiopia',
    reason: 'awarded in 2002, not marked on the ground',
    between: [['Eritrea', 'Ethiopia']],
  },
  {
    id: 'essequibo',
    reason: 'Venezuela claims the land west of the Essequibo',
    between: [['Guyana', 'Venezuela']],
  },
  {
    id: 'new-river',
    reason: 'the New River triangle is claimed by Guyana and Suriname',
    between: [['Guyana', 'Suriname']],
  },
  { id: 'belize', reason: 'Guatemala claims land beyond it', between: [['Belize', 'Guatemala']] },
  { id: 'gibraltar', reason: 'Spain denies that it is a border', between: [['Gibraltar', 'Spain']] },
  { id: 'ceuta-melilla', reason: 'Morocco denies that it is a border', between: [['Morocco', 'Spain']] },
  {
    id: 'guantanamo',
    reason: 'Cuba denies that the lease is valid',
    between: [['Cuba', 'USNB Guantanamo Bay']],
  },
];

/** Lines of Natural Earth that nobody calls a border: Kazakhstan leases Baikonur to Russia. They are left out. */
export const NO_BORDERS = [['Baikonur', 'Kazakhstan']];
