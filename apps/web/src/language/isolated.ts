/** A name inside a text that may run the other way: as <bdi>, in plain text. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;
