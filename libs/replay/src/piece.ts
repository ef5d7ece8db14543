/** A part of an export, with how many rows it holds. */
export interface Piece {
  /** Bytes where the format is no text. */
  text: string | Uint8Array;
  rows: number;
}

/** About so long a piece is, in characters. */
export const PIECE_LENGTH = 64 * 1024;
