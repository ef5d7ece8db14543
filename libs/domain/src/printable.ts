/** Controls, lone surrogates, line separators, and what turns the direction of text around. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/**
 * Text from outside as it can be quoted in a line and kept anywhere: PostgreSQL has no text with U+0000 and UTF-8 no lone
 * surrogates, a terminal obeys controls. They become escapes like `\u0000`; the text has at most `max` characters then.
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
