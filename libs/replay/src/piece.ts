/** A part of an export's text, with how many rows it holds. */
export interface Piece {
  text: string;
  rows: number;
}

/** About so long a piece is, in characters. */
export const PIECE_LENGTH = 64 * 1024;
