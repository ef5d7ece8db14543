/** Begins the id of an independent speaker, who is a side by itself; its origin follows. Alone: all of them, in one column. */
export const INDEPENDENTS = 'independent:';
export const isIndependent = (side: string): boolean => side.startsWith(INDEPENDENTS);
