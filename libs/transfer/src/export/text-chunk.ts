/** A chunk of an export, with the number of its rows. */
export interface TextChunk {
  /** Bytes if the format is not text. */
  text: string | Uint8Array;
  rows: number;
}

/** The approximate length of a chunk, in characters. */
export const CHUNK_LENGTH = 64 * 1024;
