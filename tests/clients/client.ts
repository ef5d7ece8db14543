import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isOnPath, javaVersion, majorOf } from '../support/kafka/java.js';
import { jarsOf } from '../support/kafka/jars.js';
import { npmTree } from '../support/npm.js';
import { runProgram } from '../support/program.js';

/** A client that a generator makes of the document, with the program of this project that uses it. */
export interface Client {
  name: string;
  /** Why it cannot be made here; undefined where it can. */
  whyNot(): string | undefined;
  /** Generates and compiles it in a folder of its own: the command that runs the program. @throws Error with what the tools say */
  make(document: string, folder: string): Promise<string[]>;
}

export const program = (file: string): string => resolve('tests/clients/programs', file);

/** Sources of a program beside the client that it uses. */
export function place(file: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(program(file), join(folder, basename(file)));
  return join(folder, basename(file));
}

/** The folder of the npm packages of tests/clients/npm, and how one of them is run. */
export async function npmPackages(): Promise<{ tree: string; run: (bin: string, args: string[], cwd: string) => Promise<string> }> {
  const tree = await npmTree(resolve('tests/clients/npm'));
  return { tree, run: (bin, args, cwd) => runProgram(process.execPath, [join(tree, 'node_modules', bin), ...args], { cwd }) };
}

const TSCONFIG = { compilerOptions: { module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom', 'dom.iterable'], types: [], strict: true, skipLibCheck: false, outDir: 'dist', rootDir: '.' }, include: ['**/*.ts'], exclude: ['dist', 'node_modules'] };

/** A folder for a client in TypeScript and its program. */
export function newTypeScript(folder: string, tree: string): void {
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}\n');
  writeFileSync(join(folder, 'tsconfig.json'), `${JSON.stringify(TSCONFIG)}\n`);
  symlinkSync(join(tree, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

/** Compiles it, as strictly as TypeScript can. */
export async function compileTypeScript(file: string, folder: string): Promise<string[]> {
  place(file, folder);
  const { run } = await npmPackages();
  await run('typescript/bin/tsc', ['-p', '.'], folder);
  return [process.execPath, join(folder, 'dist', basename(file).replace(/ts$/, 'js'))];
}

/** openapi-generator runs on no older one. */
const OLDEST_JAVA = 11;

export function whyNoGenerator(...programs: string[]): string | undefined {
  const version = javaVersion();
  if (version === undefined || majorOf(version) < OLDEST_JAVA) return `openapi-generator needs Java ${OLDEST_JAVA} or newer on the PATH`;
  const missing = ['mvn', ...programs].find((one) => !isOnPath(one));
  return missing === undefined ? undefined : `there is no ${missing} on the PATH`;
}

export const clientJars = (): Promise<string> => jarsOf(resolve('tests/clients/maven/java-client.xml'), resolve('.cache/clients/java-7.25.0'));

/** Runs openapi-generator, with the options that docs/clients.md names. */
export async function openApiGenerator(language: string, document: string, out: string, ...options: string[]): Promise<void> {
  const jars = await jarsOf(resolve('tests/clients/maven/generator.xml'), resolve('.cache/clients/openapi-generator-7.25.0'));
  await runProgram('java', ['-cp', join(jars, '*'), 'org.openapitools.codegen.OpenAPIGenerator', 'generate', '-g', language, '-i', document, '-o', out, ...options]);
}
