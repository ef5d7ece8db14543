import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson, parseLongJson } from '#libs/platform';

const read = (text: string) => parseJson(Buffer.from(text));

it('reads any JSON as JSON.parse does', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => expect(read(text)).toEqual(JSON.parse(text))));
});

it('is no deeper than 32, whichever brackets nest; those in strings do not count', () => {
  const nested = (depth: number) =>
    Array.from({ length: depth }).reduce<unknown>(
      (inner, _, at) => (at % 2 === 0 ? [inner] : { '[{"\\': inner }),
      `[[${'{'.repeat(100)}"\\`,
    );
  expect(read(JSON.stringify(nested(32)))).toEqual(nested(32));
  expect(() => read(JSON.stringify(nested(33)))).toThrow('nested deeper than 32');
  // The depth is named before what else is wrong.
  expect(() => read('['.repeat(33))).toThrow('nested deeper than 32');
});

it('refuses what is no UTF-8 or no JSON, and reads on', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
  expect(() => read('{]')).toThrow('not JSON');
  expect(read('"Куп’янськ"')).toBe('Куп’янськ');
});

const problem = (status: number, code: string, message: RegExp) =>
  expect.objectContaining({ status, code, message: expect.stringMatching(message) });
const thrown = (text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    return error;
  }
};
const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

it('has at most 5,000 values in an item, whatever an array of items has', () => {
  expect(read(JSON.stringify(fields(4900)))).toEqual(fields(4900));
  const many = Array.from({ length: 20 }, () => fields(4900));
  expect(read(JSON.stringify(many))).toEqual(many);
  for (const wrong of [fields(5001), [{}, fields(5001)], { a: { b: Array(5001).fill(0) } }, [[fields(5001)]]])
    expect(thrown(JSON.stringify(wrong))).toEqual(
      problem(413, 'body-too-large', /^the body has more than 5000 values/),
    );
  expect(thrown(JSON.stringify(Array.from({ length: 25 }, () => fields(4900))))).toEqual(
    problem(413, 'body-too-large', /more than 100000 values$/),
  );
  // What a text holds does not count.
  expect(read(JSON.stringify(',[{'.repeat(10_000)))).toBe(',[{'.repeat(10_000));
});

it('refuses the list with too many values before it is made', () => {
  // JSON.parse would name the comma.
  expect(thrown(`[${',0'.repeat(100_001)}`)).toEqual(problem(413, 'body-too-large', /values/));
});

it('has no text longer than 128 KiB, neither as a value nor as a name', () => {
  const long = 'ї'.repeat(64 * 1024);
  expect(read(JSON.stringify({ [long]: long }))).toEqual({ [long]: long });
  for (const wrong of [{ a: `${long}.` }, { [`${long}.`]: 1 }, `\\"${long}`])
    expect(thrown(JSON.stringify(wrong))).toEqual(
      problem(413, 'body-too-large', /^the body has a text of more/),
    );
});

it('reads a long text as a short one, and lets other work come in between', async () => {
  const long = Array.from({ length: 1000 }, (_, at) => ({ at, text: 'x'.repeat(1000) }));
  const other = new Promise<string>((resolve) => setImmediate(() => resolve('other work')));
  const reading = parseLongJson(Buffer.from(JSON.stringify(long)));
  expect(await Promise.race([reading, other])).toBe('other work');
  expect(await reading).toEqual(long);
  await expect(parseLongJson(Buffer.from(`[${JSON.stringify('x'.repeat(300_000))}]`))).rejects.toEqual(
    problem(413, 'body-too-large', /a text/),
  );
});

it('makes the values of a long list in steps, too', async () => {
  const long = Buffer.from(JSON.stringify(Array.from({ length: 8 * 64 }, () => 'x'.repeat(16 * 1024))));
  let [turns, isRead] = [0, false];
  const count = () => {
    turns++;
    if (!isRead) setImmediate(count);
  };
  setImmediate(count);
  await parseLongJson(long);
  isRead = true;
  // Once for the limits of each 256 kB, and once for its values.
  expect(turns).toBeGreaterThanOrEqual(2 * 32);
});

const long = (...rest: string[]) =>
  `[${Array(3000)
    .fill(`"${'ї'.repeat(100)}"`)
    .join()}${rest.join('')}`;

it('reads a list that it takes apart as JSON.parse does, wherever it is cut', async () => {
  const element = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text)),
  );
  const blank = fc.constantFrom('', ' ', '\n\t', '\r\n');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(element, blank, blank), { minLength: 1, maxLength: 8 }),
      async (some) => {
        const text = Array.from({ length: 40 }, () =>
          some.map(([one, before, after]) => before + one + after),
        ).flat();
        const whole = long(',', text.join(','), ' ', ']', '\n');
        expect(await parseLongJson(Buffer.from(whole))).toEqual(JSON.parse(whole));
      },
    ),
    { numRuns: 25 },
  );
});

it.each([
  ['an element is missing', ',,1]'],
  ['it ends with a comma', ',]'],
  ['it begins with a comma', ']', '[,'],
  ['it is not closed', ''],
  ['it is closed twice', ']]'],
  ['something follows it', '] 1'],
  ['it goes on after it was closed', '],[1,2]'],
  ['it is closed by a brace', '}'],
  ['an element is no JSON', ',{"a":01}]'],
  ['brackets do not match', ',[{]},1]'],
  ['an element begins with a byte order mark', ',\ufeff1]'],
])('refuses a long list where %s', async (_, end, begin = '[') => {
  for (const rest of [end, `${end}${`,"${'y'.repeat(100)}"`.repeat(3000)}`]) {
    const text = `${begin}${long(rest).slice(1)}`;
    expect(() => JSON.parse(text)).toThrow('JSON');
    await expect(parseLongJson(Buffer.from(text))).rejects.toEqual(
      problem(400, 'body-malformed', /^the body is not JSON/),
    );
  }
});

it('names the position of a fault in the whole of a long list', async () => {
  const text = long(',', '"є"', ' ', '"x"', ']');
  const at = /position (\d+)/;
  const [, expected] = at.exec(
    (() => {
      try {
        return JSON.parse(text) as string;
      } catch (error) {
        return (error as Error).message;
      }
    })(),
  )!;
  const fault = await parseLongJson(Buffer.from(text)).catch((error: Error) => error);
  expect(at.exec((fault as Error).message)![1]).toBe(expected);
});

it('has no item of more than 1 MiB, which would be read at once', async () => {
  const item = (texts: number) => JSON.stringify({ a: Array(texts).fill('x'.repeat(100_000)) });
  const most = `[1,${item(10)},${item(10)}]`;
  expect(await parseLongJson(Buffer.from(most))).toEqual(JSON.parse(most));
  for (const wrong of [item(11), `[${item(11)}]`, `[1,${item(11)},2]`, `[1${' '.repeat(1_100_000)}]`]) {
    const tooLarge = problem(413, 'body-too-large', /^the body has more than 1048576 bytes in one item$/);
    await expect(parseLongJson(Buffer.from(wrong))).rejects.toEqual(tooLarge);
    expect(thrown(wrong)).toEqual(tooLarge);
  }
});

it('given a name twice in one object, when it is read, then it is refused with a pointer to it', async () => {
  const twice: [string, string][] = [
    ['{"stance":"assert","a":{"b":1},"stance":"deny"}', '/stance'],
    ['[{"a":1},{"x":[{"b":{"c":1}},{"b":{"c":1,"d":":","c":1}}]}]', '/1/x/1/b/c'],
    ['{"a":1,"\\u0061":1}', '/a'],
    ['{"a/b~":1,"a/b~":1}', '/a~1b~0'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"":{"":1,"":1}}', '//'],
    ['{"1":1,"1":1}', '/1'],
    ['{"a":"\\":,\\"","a":"x"}', '/a'],
  ];
  for (const [text, pointer] of twice) {
    const refused = expect.objectContaining({
      status: 400,
      code: 'body-malformed',
      message: `the body gives ${pointer} twice`,
      errors: [{ pointer, detail: 'may be given once' }],
    });
    expect(thrown(text)).toEqual(refused);
    await expect(parseLongJson(Buffer.from(text))).rejects.toEqual(refused);
  }
  // The same name in another object, a name of every object, and colons in texts.
  for (const text of [
    '[{"a":1},{"a":{"a":[{"a":1},{"a":1}]}}]',
    '{"__proto__":1,"toString":":"}',
    '{":":":"}',
  ])
    expect(read(text)).toEqual(JSON.parse(text));
});
