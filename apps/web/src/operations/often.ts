/** After how many milliseconds what moves all the time is asked for again. */
export const OFTEN_MS = 2000;
/** The same of what moves seldom, or costs more to answer. */
export const SELDOM_MS = 10_000;
