import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { isOnPath, javaVersion, majorOf } from '../support/kafka/java.js';
import { jarsOf } from '../support/kafka/jars.js';
import { npmTree } from '../support/npm.js';
import { runProgram } from '../support/program.js';
import { pythonWith } from '../support/python.js';

/** A client that a generator makes of the document, with the program of this project that uses it. */
export interface Client {
  /** As docs/clients.md says it, for a folder that has the document as openapi.json. */
  line: string;
  /** Why it cannot be made here; undefined where it can. */
  whyNot(): string | undefined;
  /** Compiles what was generated in a folder: the command that runs the program. @throws Error with what the compiler says */
  compile(folder: string): Promise<string[]>;
}

/** Sources of a program beside the client that it uses. */
export function place(file: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, basename(file));
  copyFileSync(resolve('tests/clients/programs', file), copy);
  return copy;
}

const npmPackages = () => npmTree(resolve('tests/clients/npm'));

const ofNpm = (bin: string) => async () => [process.execPath, join(await npmPackages(), 'node_modules', bin)];

export const PYTHON = [
  'openapi-python-client==0.29.1',
  'httpx==0.28.1',
  'attrs==26.1.0',
  'urllib3==2.8.0',
  'python-dateutil==2.9.0.post0',
  'pydantic==2.14.4',
];
export const python = (): string => pythonWith(PYTHON);

/** The jars that a pom of tests/clients/maven names. */
export function jars(name: 'generator' | 'java-client'): Promise<string> {
  const pom = resolve('tests/clients/maven', `${name}.xml`);
  return jarsOf(
    pom,
    resolve(
      '.cache/clients',
      `${name}-${createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)}`,
    ),
  );
}

/** How the lines begin, and what runs them here: the same programs, of pinned versions. */
const GENERATORS: Record<string, () => Promise<string[]>> = {
  'npx openapi-typescript': ofNpm('openapi-typescript/bin/cli.js'),
  'npx openapi-ts': ofNpm('@hey-api/openapi-ts/bin/run.js'),
  'openapi-python-client': async () => [python(), '-m', 'openapi_python_client'],
  'openapi-generator-cli': async () => [
    'java',
    '-cp',
    join(await jars('generator'), '*'),
    'org.openapitools.codegen.OpenAPIGenerator',
  ],
};

/** Runs a generator in a folder. @throws Error with what it says */
export async function generate(line: string, folder: string): Promise<void> {
  const [begin, find] = Object.entries(GENERATORS).find(([one]) => line.startsWith(one))!;
  const [program, ...args] = await find();
  // openapi-python-client tidies what it made with ruff, which is installed beside it.
  const env = begin.includes('python') ? { PATH: [dirname(program!), process.env.PATH].join(delimiter) } : {};
  await runProgram(program!, [...args, ...line.slice(begin.length).trim().split(' ')], { cwd: folder, env });
}

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    skipLibCheck: false,
    outDir: 'dist',
    rootDir: '.',
  },
  include: ['**/*.ts'],
  exclude: ['dist', 'node_modules'],
};

/** Compiles a program and the client beside it, as strictly as TypeScript can. */
export async function compileTypeScript(file: string, folder: string): Promise<string[]> {
  const tree = await npmPackages();
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}\n');
  writeFileSync(join(folder, 'tsconfig.json'), `${JSON.stringify(TSCONFIG)}\n`);
  symlinkSync(join(tree, 'node_modules'), join(folder, 'node_modules'), 'junction');
  place(file, folder);
  await runProgram(process.execPath, [join(tree, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: folder,
  });
  return [process.execPath, join(folder, 'dist', basename(file).replace(/ts$/, 'js'))];
}

/** openapi-generator runs on no older one. */
const OLDEST_JAVA = 11;

export function whyNoGenerator(...programs: string[]): string | undefined {
  const version = javaVersion();
  if (version === undefined || majorOf(version) < OLDEST_JAVA)
    return `openapi-generator needs Java ${OLDEST_JAVA} or newer on the PATH`;
  const missing = ['mvn', ...programs].find((one) => !isOnPath(one));
  return missing === undefined ? undefined : `there is no ${missing} on the PATH`;
}
