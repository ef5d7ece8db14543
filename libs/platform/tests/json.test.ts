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
