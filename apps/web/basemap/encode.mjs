// The Encoded Polyline Algorithm Format: latitude and longitude in whole units, each as its difference from the one before, in
// characters of five bits. `../src/basemap/decode.ts` reads it.

function encodeNumber(value) {
  let rest = value < 0 ? ~(value << 1) : value << 1;
  let text = '';
  for (; rest >= 0x20; rest >>= 5) text += String.fromCharCode((0x20 | (rest & 0x1f)) + 63);
  return text + String.fromCharCode(rest + 63);
}

/** A line, with `factor` units to a degree; without positions that fall on the one before; '' where fewer than `least` remain. */
export function encodeLine(line, factor, least) {
  let [text, count, x, y] = ['', 0, 0, 0];
  for (const position of line) {
    const [nextX, nextY] = position.map((degrees) => Math.round(degrees * factor));
    if (count > 0 && nextX === x && nextY === y) continue;
    text += encodeNumber(nextY - y) + encodeNumber(nextX - x);
    [count, x, y] = [count + 1, nextX, nextY];
  }
  return count < least ? '' : text;
}
