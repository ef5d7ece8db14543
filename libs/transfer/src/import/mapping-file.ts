import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { Mapping } from './mapping.js';

/** The mapping of a file, JSON or YAML. @throws Error naming the file and all its faults */
export async function readMapping(file: string): Promise<Mapping> {
  const text = await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = /\.json$/i.test(file) ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new Error(`mapping ${file}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = Mapping.parse(json);
  if (parsed.ok) return parsed.mapping;
  throw new Error(
    `mapping ${file}:\n${parsed.faults.map(({ pointer, detail }) => `  ${pointer} ${detail}`).join('\n')}`,
  );
}
