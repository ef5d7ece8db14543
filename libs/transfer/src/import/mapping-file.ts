import { parse } from 'yaml';
import { Mapping } from './mapping.js';

/** The mapping in the text of a file, JSON or YAML. @throws Error naming the file and all its faults */
export function parseMapping(file: string, text: string): Mapping {
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
