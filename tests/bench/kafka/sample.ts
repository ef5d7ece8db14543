/** Of so many statements one is asked for until it is shown. */
export const SAMPLE = 30;
