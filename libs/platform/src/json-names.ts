const TOKENS = /"(?:[^"\\]+|\\.)*"|[{}[\],:]/g;

/**
 * The JSON Pointer (RFC 6901) of the first name that an object gives twice, in a text that is JSON. Escapes count as what they
 * stand for. Undefined where there is none.
 */
export function repeatedName(text: string): string | undefined {
  const around: { names: Set<string>; at: string | number }[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    const inner = around.at(-1)!;
    switch (token) {
      case '{':
      case '[':
        around.push({ names: new Set(), at: token === '{' ? '' : 0 });
        break;
      case '}':
      case ']':
        around.pop();
        break;
      case ',':
        if (typeof inner.at === 'number') inner.at++;
        break;
      case ':':
        inner.at = JSON.parse(last) as string;
        if (inner.names.has(inner.at)) return around.map(({ at }) => `/${escaped(at)}`).join('');
        inner.names.add(inner.at);
        break;
      default:
        last = token;
    }
  }
  return undefined;
}

const escaped = (part: string | number): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');
