import { signal } from '@preact/signals';

/** Whether the reader has asked to print what is shown: first all of it has to be there. */
export const wantsPrint = signal(false);
