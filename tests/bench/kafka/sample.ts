/** One in this number of statements is asked for until it is shown. */
export const SAMPLE = 30;
