import { language } from '../language/language.js';

/** A count as the language writes numbers; a dash where there is none to give. */
export const shownCount = (count: number | null): string =>
  count === null ? '–' : new Intl.NumberFormat(language.value).format(count);
