/** Controls, lone surrogates, line separators, and characters that reverse the direction of text. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/**
 * Makes text from outside safe to quote in a line and to keep anywhere: PostgreSQL stores no U+0000, UTF-8 has no lone
 * surrogates, and a terminal obeys controls. They become escapes like `\u0000`. @returns at most `max` characters
 */
export function printable(text: string, max: number): string {
  let shown = '';
  for (const character of text) {
    const piece = HIDDEN.test(character)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : character;
    if (shown.length + piece.length > max) return `${[...shown].slice(0, -1).join('')}…`;
    shown += piece;
  }
  return shown;
}
